/**
 * Writes the results of a scored slide: pictures, tables and the page. Each file is written completely or not at all;
 * slide.json comes last.
 */
import { join } from "node:path";
import { setImmediate } from "node:timers/promises";
import type { Labels } from "../../artifacts/slide_labels.ts";
import { encodePng, encodePreview } from "../../histology/image/decode.ts";
import type { RgbImage } from "../../histology/image/rgb.ts";
import { stack } from "../../histology/image/stack.ts";
import { encodeFloatTiff } from "../../histology/slide/float_tiff.ts";
import type { ScaleChoice } from "../../histology/slide/scale.ts";
import type { SlideScores } from "../../histology/slide/scores.ts";
import type { Slide } from "../../histology/slide/slide.ts";
import { tallyOf } from "../../metrics/tally.ts";
import type { GeoJsonKind } from "../../options/slide.ts";
import { BLUE, CONFIG } from "../../reports/charts/parts.ts";
import type { ChartSpec } from "../../reports/charts/svg.ts";
import { classWords } from "../../reports/class_words.ts";
import { histogram } from "../../reports/evaluation/charts.ts";
import { scoreBins } from "../../reports/evaluation/curves.ts";
import { inlineChart } from "../../reports/evaluation/drawing.ts";
import { geoJsonText } from "../../reports/slide/geojson.ts";
import { type Colour, type Key, keyLegend, probabilityLegend } from "../../reports/slide/legend.ts";
import {
  DROPPED,
  GLASS,
  heatmapOf,
  layOver,
  maskOf,
  overlayOf,
  type PictureGrid,
  TISSUE,
  thumbnailOf,
} from "../../reports/slide/maps.ts";
import { type SlidePictures, slidePage } from "../../reports/slide/page.ts";
import { probabilitiesCsv } from "../../reports/slide/probabilities_csv.ts";
import type { IdcRegion } from "../../reports/slide/regions.ts";
import type { SlideReport } from "../../reports/slide/report.ts";
import { PAGE_FILE } from "../../reports/slide/text.ts";
import { type FileContent, writeFileAtomically } from "../../system/files.ts";
import { drawLegend } from "./drawn_legend.ts";
import { OUTCOMES, type Outcome, outcomesOf } from "./labels.ts";

export const SLIDE_FILES = {
  heatmap: "heatmap.png",
  overlay: "overlay.png",
  tissue: "tissue.png",
  agreement: "agreement.png",
  table: "probabilities.csv",
  geojson: "idc.geojson",
  map: "probability.tif",
  page: PAGE_FILE,
  report: "slide.json",
} as const;

/** Colours that colour-blind readers can distinguish (Okabe & Ito 2008). */
const OUTCOME_COLOURS: Record<Outcome, Colour> = {
  "true positive": [0, 158, 115],
  "false negative": [213, 94, 0],
  "false positive": [240, 228, 66],
  "true negative": [86, 180, 233],
};
const OUTCOME_KEYS: readonly Key[] = OUTCOMES.map((meaning) => ({ meaning, colour: OUTCOME_COLOURS[meaning] }));

const PREVIEW_PIXELS = 1200;

export interface SlideOutput {
  readonly slide: Slide;
  readonly scale: ScaleChoice;
  readonly scores: SlideScores;
  readonly regions: readonly IdcRegion[];
  readonly labels: Labels | undefined;
  readonly geojson: GeoJsonKind;
  readonly picture: PictureGrid;
  readonly report: SlideReport;
}

/**
 * Writes all files into the folder, which must exist.
 * @throws the signal's reason if it is aborted between two files.
 */
export async function writeSlideOutput(folder: string, output: SlideOutput, signal: AbortSignal): Promise<void> {
  const { scores, regions, geojson, report } = output;
  const write = async (name: string, content: FileContent) => {
    await writeFileAtomically(join(folder, name), content);
    await setImmediate();
    signal.throwIfAborted();
  };
  const pictures = await picturesOf(output, signal);
  for (const [name, { map, legend }] of pictures) {
    const key = await drawLegend(legend);
    signal.throwIfAborted();
    await write(SLIDE_FILES[name], await encodePng(stack(map, key)));
  }
  const { threshold, model } = report;
  const words = classWords(model.class_names);
  await write(SLIDE_FILES.table, probabilitiesCsv(scores, words));
  const source = { scores, regions, threshold, classNames: model.class_names };
  await write(SLIDE_FILES.geojson, geoJsonText(geojson, source));
  await write(SLIDE_FILES.map, await probabilityTiff(output));
  const scored = scores.probabilities.filter((probability) => !Number.isNaN(probability));
  const bins = scoreBins(tallyOf(new Uint8Array(scored.length), scored));
  const countOf = (bin: (typeof bins)[number]) => bin.no_idc;
  const drawing = histogram({ bins, countOf, title: "scored patches", color: BLUE, threshold, words });
  const chart = await inlineChart(
    { ...drawing, padding: 6, config: CONFIG } as never,
    "probabilities",
    "Histogram of the probabilities.",
  );
  const previews: Awaited<ReturnType<typeof shownPicture>>[] = [];
  for (const picture of pictures) {
    previews.push(await shownPicture(picture));
    signal.throwIfAborted();
  }
  const shown = Object.fromEntries(previews) as unknown as SlidePictures;
  await write(SLIDE_FILES.page, slidePage(report, shown, { probabilities: chart }));
  await write(SLIDE_FILES.report, `${JSON.stringify(report, null, 2)}\n`);
}

/** A picture of the slide, and its legend. */
interface Picture {
  readonly map: RgbImage;
  readonly legend: ChartSpec;
}

async function picturesOf({ slide, scores, labels, picture, report }: SlideOutput, signal: AbortSignal) {
  const thumbnail = await thumbnailOf(slide, scores.grid, picture);
  const bar = probabilityLegend(report.threshold, classWords(report.model.class_names));
  const pictures = new Map<keyof SlidePictures, Picture>();
  const paint = async (name: keyof SlidePictures, map: () => RgbImage, legend: ChartSpec) => {
    await setImmediate();
    signal.throwIfAborted();
    pictures.set(name, { map: map(), legend });
  };
  await paint("overlay", () => overlayOf(scores, picture, thumbnail), bar);
  await paint("heatmap", () => heatmapOf(scores, picture), bar);
  await paint("tissue", () => maskOf(scores, picture), keyLegend([TISSUE, DROPPED, GLASS]));
  if (labels) {
    const outcomes = outcomesOf(scores, labels, report.threshold);
    const colourOf = (cell: number) => OUTCOME_KEYS[outcomes[cell]!]?.colour;
    const map = () => layOver(thumbnail, scores.grid, picture, colourOf);
    await paint("agreement", map, keyLegend(OUTCOME_KEYS));
  }
  return pictures;
}

/** For the page: a smaller version of the map, and the legend as SVG, which follows the page's colours. */
async function shownPicture([name, { map, legend }]: [keyof SlidePictures, Picture]) {
  const jpeg = await encodePreview(map, PREVIEW_PIXELS);
  const shown = {
    map: `data:image/jpeg;base64,${jpeg.toString("base64")}`,
    legend: await inlineChart(legend, `${name}-legend`, "What the colours mean."),
  };
  return [name, shown] as const;
}

/** A TIFF with one pixel per cell. */
function probabilityTiff({ scale, scores }: SlideOutput): Promise<Buffer> {
  const { grid, probabilities: data } = scores;
  const { micronsPerPixel } = scale;
  const pixelMicrons = micronsPerPixel === undefined ? undefined : micronsPerPixel * grid.scale * grid.stride;
  return encodeFloatTiff({ width: grid.columns, height: grid.rows, data, pixelMicrons });
}
