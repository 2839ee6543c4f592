/** Scores a slide in a worker: opens it, cuts its patches, has them classified, and makes the results. */
import { recordSideOf } from "../../histology/dataset/record.ts";
import type { RgbImage } from "../../histology/image/rgb.ts";
import { type Grid, gridOf } from "../../histology/slide/grid.ts";
import { levelFor, readScaled } from "../../histology/slide/resample.ts";
import { guessText, type ScaleChoice, scaleOf } from "../../histology/slide/scale.ts";
import type { SlideScores } from "../../histology/slide/scores.ts";
import type { Slide } from "../../histology/slide/slide.ts";
import { classWords } from "../../reports/class_words.ts";
import { gapsWarning } from "../../reports/slide/gaps_text.ts";
import { geoJsonText } from "../../reports/slide/geojson.ts";
import { probabilitiesCsv } from "../../reports/slide/probabilities_csv.ts";
import { findingsOf, idcRegions } from "../../reports/slide/regions.ts";
import { scoreSlide } from "../../scoring/slide.ts";
import { silent } from "../../util/reporter.ts";
import { classifierOf } from "./lanes.ts";
import { openBlobSlide } from "./open.ts";
import type { SlideOrder, SlideReply, WebSlide, WebSlidePicture, WebSlideScores } from "./protocol.ts";
import { requireSettings } from "./settings.ts";

/**
 * Scores the slide of an order, and reports each step to the page.
 * @throws UserError if the slide cannot be read or has no tissue, or a setting does not fit the model
 */
export async function scoreOrder(order: SlideOrder, send: (reply: SlideReply) => void): Promise<void> {
  const { card, settings, name } = order;
  const side = recordSideOf(card);
  requireSettings(settings, side);
  const slide = await openBlobSlide(order.file, name);
  const { micronsPerPixel: mpp, patchSizeMicrons: patchSizeUm, stride = side, minTissue } = settings;
  const scale = scaleOf(slide, { side, mpp, patchSizeUm });
  const grid = gridOf(slide, { scale: scale.scale, side, stride });
  send({ kind: "opened", slide: describedSlide(order, slide, scale, grid) });
  if (order.wantsPicture) send({ kind: "picture", picture: await pictureOf(slide, grid) });
  const classifier = classifierOf(order.ports, side);
  const scores = await scoreSlide(
    { card, classifier },
    slide,
    {
      ...{ scale: scale.scale, stride, name },
      ...(minTissue === undefined ? {} : { minTissue }),
      onScored: (scored) => send({ kind: "scored", scored: { ...scored, cells: scored.cells.slice() } }),
    },
    {
      reporter: {
        ...silent,
        progress: ({ task, done, total }) => {
          if (task === "find-tissue") send({ kind: "tissue", done, total });
        },
      },
      // The page stops a worker by ending it.
      signal: new AbortController().signal,
    },
  );
  await classifier.close();
  send({ kind: "finished", scores: resultsOf(order, slide, scale, scores) });
}

function describedSlide({ name, settings }: SlideOrder, slide: Slide, scale: ScaleChoice, grid: Grid): WebSlide {
  const { micronsPerPixel, guessed: isScaleGuessed } = scale;
  const { width, height } = slide.levels[0];
  const scaleWarning = isScaleGuessed
    ? guessText(name, slide, { side: grid.side, patchSizeUm: settings.patchSizeMicrons })
    : undefined;
  return { format: slide.format, width, height, micronsPerPixel, isScaleGuessed, scaleWarning, grid };
}

/** The maximum length of the picture's longer side. */
const MOST_PICTURE_PIXELS = 1200;

async function pictureOf(slide: Slide, { width, height, scale }: Grid): Promise<WebSlidePicture> {
  const pixel = Math.ceil(Math.max(width, height) / MOST_PICTURE_PIXELS);
  const size = { width: Math.ceil(width / pixel), height: Math.ceil(height / pixel) };
  const picture = await readScaled(slide, scale * pixel, { x: 0, y: 0, ...size });
  return { ...size, data: withAlpha(picture), slidePixelsPerPixel: scale * pixel };
}

function withAlpha({ data }: RgbImage): Uint8ClampedArray<ArrayBuffer> {
  const rgba = new Uint8ClampedArray((data.length / 3) * 4).fill(255);
  for (let from = 0, to = 0; from < data.length; from += 3, to += 4) {
    rgba[to] = data[from]!;
    rgba[to + 1] = data[from + 1]!;
    rgba[to + 2] = data[from + 2]!;
  }
  return rgba;
}

function resultsOf(
  { name, card, settings }: SlideOrder,
  slide: Slide,
  scale: ScaleChoice,
  scores: SlideScores,
): WebSlideScores {
  const { threshold, class_names: classNames } = card;
  const regions = idcRegions(scores, threshold);
  const level = levelFor(slide, scale.scale);
  const { filled, absent } = slide.gapsOf(level);
  const geojson = geoJsonText(settings.geojson ?? "regions", { scores, regions, threshold, classNames });
  return {
    grid: scores.grid,
    probabilities: Float32Array.from(scores.probabilities),
    findings: findingsOf(scores, regions, scale),
    missingTiles: filled + absent,
    gapsWarning: gapsWarning(name, slide, level),
    csv: new Blob([...probabilitiesCsv(scores, classWords(classNames))], { type: "text/csv" }),
    geojson: new Blob([geojson], { type: "application/geo+json" }),
  };
}
