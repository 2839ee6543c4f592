/** The one door to drawing: a Vega-Lite description becomes SVG and PNG, the same on every machine. */
import { createRequire } from "node:module";
import { setImmediate } from "node:timers/promises";
import type { TopLevelSpec } from "vega-lite";
import { keepReportsOffTheNetwork } from "../system/process_report.ts";
import { visible } from "../util/terminal_text.ts";
import { textWidth } from "../reports/charts/text_width.ts";

/** What to draw, in the Vega-Lite grammar (https://vega.github.io/vega-lite/). */
export type ChartSpec = TopLevelSpec;

export interface ChartOptions {
  /** The PNG's width; its height follows from the chart's shape. */
  widthPixels?: number;
}

/** A chart as vector and as pixels. */
export interface Chart {
  svg: string;
  png: Uint8Array;
}

const FONT = "DejaVu Sans";
/** What XML forbids, or would turn the direction of writing: names may hold it, but no drawing may. */
const NO_TEXT = /(?![\t\n\r])[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}\ufffe\uffff]/gu;

/**
 * Draws a chart in DejaVu Sans on white. The drawing libraries are loaded with the first chart, as they take a while.
 * @throws Error where the description is not valid Vega-Lite.
 */
export async function renderChart(spec: ChartSpec, { widthPixels = 1200 }: ChartOptions = {}): Promise<Chart> {
  // resvg takes the report's word for the C library of this system.
  keepReportsOffTheNetwork();
  // One after the other, with turns between: loading and drawing take long, and a request to stop should be heard.
  const { compile } = await import("vega-lite");
  await setImmediate();
  const vega = await import("vega");
  const { Resvg } = await import("@resvg/resvg-js");
  measureTextWithoutCanvas(vega);
  await setImmediate();
  const compiled = compile(spec, { config: { background: "white", font: FONT } });
  const view = new vega.View(vega.parse(compiled.spec), { renderer: "none" });
  let svg: string;
  try {
    svg = (await view.toSVG()).replace(NO_TEXT, (character) => (character > "\ufff0" ? "\ufffd" : visible(character)));
  } finally {
    view.finalize();
  }
  await setImmediate();
  const image = new Resvg(svg, {
    fitTo: { mode: "width", value: widthPixels },
    font: { loadSystemFonts: false, fontFiles: fontFiles(), defaultFontFamily: FONT },
  });
  return { svg, png: image.render().asPng() };
}

/** Vega would measure text with a canvas where one happens to be installed, and so lay charts out differently there. */
function measureTextWithoutCanvas(vega: object): void {
  const { textMetrics } = vega as { textMetrics: { width: (item: { fontSize?: number }, text: string) => number } };
  textMetrics.width = ({ fontSize = 11 }, text) => textWidth(String(text ?? ""), fontSize);
}

function fontFiles(): string[] {
  const { resolve } = createRequire(import.meta.url);
  return ["DejaVuSans.ttf", "DejaVuSans-Bold.ttf"].map((name) => resolve(`dejavu-fonts-ttf/ttf/${name}`));
}
