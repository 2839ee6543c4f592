/**
 * The picture of "explain". Each row shows the patch, Grad-CAM over it, and occlusion over it. All rows share one
 * colour scale.
 */
import { basename } from "node:path";
import { diverging, hexColours } from "../../histology/image/colour_map.ts";
import { encodePng } from "../../histology/image/decode.ts";
import { type NumberMap, overlay } from "../../histology/image/overlay.ts";
import { resizeNearest } from "../../histology/image/resize.ts";
import type { RgbImage } from "../../histology/image/rgb.ts";
import type { ChartSpec } from "../../reports/charts/svg.ts";
import { agreementText, mapsDisagree } from "../../reports/explanation/agreement.ts";
import { fitted, widthOf } from "../../util/terminal_text.ts";
import type { Explanation } from "./explainer.ts";
import type { Patch } from "./patch.ts";

/** A patch and its explanation. */
export interface PatchExplanation {
  readonly patch: Patch;
  readonly explanation: Explanation;
}

/** The texts of the picture. */
export interface Captions {
  readonly title: string;
  /** The label of a patch's probability: "P(IDC)". The class name has at most {@link LONGEST_CLASS} columns. */
  readonly probability: string;
  readonly lines: readonly string[];
  readonly gradCam: string;
  readonly occlusion: string;
}

const TEXT = "#222222";
const WARNING = "#a33b00";
const PANEL = 250;
/** Twice the size, so that cells stay sharp when the picture is enlarged. */
const PANEL_PIXELS = 2 * PANEL;
/**
 * The maximum width of the file name in columns, next to short class names. A longer name would push the results out of
 * the picture.
 */
const LONGEST_NAME = 44;
/** The width of "P(IDC)" and "no IDC" in columns. */
const SHORT_CLASSES = 12;
/** The maximum width of a class name in the title of a row, in columns. */
export const LONGEST_CLASS = 16;
/** The number of colours in a colour bar: enough that no edges are visible. */
const STOPS = 65;

type Panel = Extract<ChartSpec, { hconcat: unknown }>["hconcat"][number];

/**
 * The specification of the chart, with embedded pictures.
 * @internal The chart types need the DOM's types, so they are not published.
 */
export async function explainChart(rows: readonly PatchExplanation[], captions: Captions): Promise<ChartSpec> {
  const largest = (mapOf: (explanation: Explanation) => NumberMap) =>
    Math.max(...rows.map(({ explanation }) => largestOf(mapOf(explanation)))) || 1;
  const limits = { gradCam: largest(({ gradCam }) => gradCam), occlusion: largest(({ occlusion }) => occlusion) };
  const vconcat = await Promise.all(
    rows.map(async ({ patch, explanation }, row): Promise<Panel> => {
      const { image, gradCam, occlusion } = explanation;
      const bar = (title: string, limit: number) => ({ title, limit, shown: row === rows.length - 1 });
      return {
        title: {
          text: rowTitle(patch, explanation, captions),
          subtitle: agreementText(explanation.agreement),
          subtitleColor: mapsDisagree(explanation.agreement) ? WARNING : TEXT,
          anchor: "start",
          fontSize: 13,
          offset: 6,
        },
        spacing: 14,
        hconcat: [
          panel(await pictureUri(image)),
          panel(await mapUri(image, gradCam, limits.gradCam), bar(captions.gradCam, limits.gradCam)),
          panel(await mapUri(image, occlusion, limits.occlusion), bar(captions.occlusion, limits.occlusion)),
        ],
        resolve: { scale: { color: "independent" } },
      };
    }),
  );
  return {
    $schema: "https://vega.github.io/schema/vega-lite/v6.json",
    padding: 10,
    title: { text: captions.title, subtitle: [...captions.lines], anchor: "start", fontSize: 15, offset: 12 },
    spacing: 18,
    vconcat,
    config: {
      aria: false,
      view: { stroke: null },
      title: { subtitleFontSize: 12, subtitleColor: TEXT, subtitlePadding: 4, subtitleLineHeight: 16 },
      legend: {
        orient: "bottom",
        direction: "horizontal",
        gradientLength: PANEL - 10,
        titleLimit: PANEL,
        titleFontWeight: "normal",
        titleFontSize: 12,
        labelFontSize: 11,
      },
    },
  };
}

function rowTitle({ file, at }: Patch, { probability, label, views }: Explanation, captions: Captions): string {
  const [low, high] = [Math.min(...views.probabilities), Math.max(...views.probabilities)];
  const place = at ? ` at ${at.x},${at.y}` : "";
  const called = fitted(label, LONGEST_CLASS);
  const longer = Math.max(0, widthOf(captions.probability) + widthOf(called) - SHORT_CLASSES);
  const name = fitted(basename(file), LONGEST_NAME - longer, "middle");
  return `${name}${place}: ${captions.probability} ${probability.toFixed(3)}, ${called}; single views ${low.toFixed(3)} to ${high.toFixed(3)}`;
}

/** A picture; the last row has a colour bar below it. */
function panel(url: string, bar?: { title: string; limit: number; shown: boolean }): Panel {
  const picture = {
    data: { values: [{ url }] },
    mark: { type: "image", width: PANEL, height: PANEL },
    encoding: { url: { field: "url", type: "nominal" }, x: { value: PANEL / 2 }, y: { value: PANEL / 2 } },
  } as const;
  const layer = bar ? [picture, colourBar(bar)] : [picture];
  return { width: PANEL, height: PANEL, layer };
}

/** A legend needs a mark to refer to; this one is invisible. */
function colourBar({ title, limit, shown }: { title: string; limit: number; shown: boolean }) {
  const domain = Array.from({ length: STOPS }, (_, index) => limit * ((2 * index) / (STOPS - 1) - 1));
  const labelExpr = "datum.value === 0 ? '0' : format(datum.value, '+.2~g')";
  const legend = { title, values: [-limit, 0, limit], labelExpr };
  return {
    data: { values: [{ value: 0 }] },
    mark: { type: "point", opacity: 0 },
    encoding: {
      color: {
        field: "value",
        type: "quantitative",
        scale: { domain, range: hexColours(diverging, STOPS) },
        legend: shown ? legend : null,
      },
    },
  } as const;
}

function largestOf({ values }: NumberMap): number {
  return Math.max(...Array.from(values, Math.abs));
}

function mapUri(image: RgbImage, map: NumberMap, limit: number): Promise<string> {
  return pictureUri(overlay(image, map, (value) => diverging((1 + value / limit) / 2)));
}

/** Enlarges an image by nearest neighbour and returns it as PNG in a data URI. */
async function pictureUri(image: RgbImage): Promise<string> {
  const png = await encodePng(resizeNearest(image, PANEL_PIXELS, PANEL_PIXELS));
  return `data:image/png;base64,${png.toString("base64")}`;
}
