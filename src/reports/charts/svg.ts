/** Renders a Vega-Lite specification as SVG, with the same result on every machine. */
import type { TopLevelSpec } from "vega-lite";
import { visible } from "../../util/terminal_text.ts";
import { aTurn } from "../../util/turns.ts";
import { textWidth } from "./text_width.ts";

/** What to draw, in the Vega-Lite grammar (https://vega.github.io/vega-lite/). */
export type ChartSpec = TopLevelSpec;

/**
 * Computes Vega's expressions without making code from text, for a page whose policy forbids that: the expression
 * interpreter of the package vega-interpreter.
 */
export type ExpressionInterpreter = object;

/** The font of charts; text_width.ts contains its character widths. */
export const CHART_FONT = "DejaVu Sans";

/**
 * Characters that XML forbids or that change the direction of text. File names may contain them, but drawings must not.
 */
const NO_TEXT = /(?![\t\n\r])[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}\ufffe\uffff]/gu;

/**
 * Draws a chart in DejaVu Sans on white. The drawing libraries are loaded for the first chart only, because loading
 * takes a while.
 * @param interpreter without it, Vega makes code from its expressions; the drawing is the same
 * @throws Error if the description is not valid Vega-Lite.
 */
export async function renderSvg(spec: ChartSpec, interpreter?: ExpressionInterpreter): Promise<string> {
  // Loading and drawing take long. So these steps yield to the event loop in between, which lets an abort request
  // arrive.
  const { compile } = await import("vega-lite");
  await aTurn();
  const vega = await import("vega");
  measureTextWithoutCanvas(vega);
  await aTurn();
  const compiled = compile(spec, { config: { background: "white", font: CHART_FONT } });
  const runtime = vega.parse(compiled.spec, undefined, interpreter && ({ ast: true } as never));
  const view = new vega.View(runtime, { renderer: "none", ...(interpreter && { expr: interpreter as never }) });
  try {
    return (await view.toSVG()).replace(NO_TEXT, (character) => (character > "\ufff0" ? "\ufffd" : visible(character)));
  } finally {
    view.finalize();
  }
}

/**
 * Makes Vega compute text widths from our table. It would otherwise use a canvas if one is installed, and charts would
 * be laid out differently on such machines.
 */
function measureTextWithoutCanvas(vega: object): void {
  const { textMetrics } = vega as { textMetrics: { width: (item: { fontSize?: number }, text: string) => number } };
  textMetrics.width = ({ fontSize = 11 }, text) => textWidth(String(text ?? ""), fontSize);
}
