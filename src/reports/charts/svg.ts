/** Draws a Vega-Lite description as SVG, the same on every machine. */
import type { TopLevelSpec } from "vega-lite";
import { visible } from "../../util/terminal_text.ts";
import { aTurn } from "../../util/turns.ts";
import { textWidth } from "./text_width.ts";

/** What to draw, in the Vega-Lite grammar (https://vega.github.io/vega-lite/). */
export type ChartSpec = TopLevelSpec;

/** The font of charts; text_width.ts knows its widths. */
export const CHART_FONT = "DejaVu Sans";

/** What XML forbids, or would turn the direction of writing: names may hold it, but no drawing may. */
const NO_TEXT = /(?![\t\n\r])[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}\ufffe\uffff]/gu;

/**
 * Draws a chart in DejaVu Sans on white. The drawing libraries are loaded with the first chart, as they take a while.
 * @throws Error if the description is not valid Vega-Lite.
 */
export async function renderSvg(spec: ChartSpec): Promise<string> {
  // One after the other, with turns between: loading and drawing take long, and a request to stop should be heard.
  const { compile } = await import("vega-lite");
  await aTurn();
  const vega = await import("vega");
  measureTextWithoutCanvas(vega);
  await aTurn();
  const compiled = compile(spec, { config: { background: "white", font: CHART_FONT } });
  const view = new vega.View(vega.parse(compiled.spec), { renderer: "none" });
  try {
    return (await view.toSVG()).replace(NO_TEXT, (character) => (character > "\ufff0" ? "\ufffd" : visible(character)));
  } finally {
    view.finalize();
  }
}

/** Vega would measure text with a canvas if one happens to be installed, and so lay charts out differently there. */
function measureTextWithoutCanvas(vega: object): void {
  const { textMetrics } = vega as { textMetrics: { width: (item: { fontSize?: number }, text: string) => number } };
  textMetrics.width = ({ fontSize = 11 }, text) => textWidth(String(text ?? ""), fontSize);
}
