/** Charts as pixels: the one door to the rasteriser. */
import { createRequire } from "node:module";
import { CHART_FONT, type ChartSpec, renderSvg } from "../reports/charts/svg.ts";
import { keepReportsOffTheNetwork } from "../system/process_report.ts";
import { aTurn } from "../util/turns.ts";

export interface ChartOptions {
  /** The PNG's width; its height follows from the chart's shape. */
  widthPixels?: number;
}

/** A chart as PNG, in DejaVu Sans on white. @throws Error if the description is not valid Vega-Lite. */
export async function renderPng(spec: ChartSpec, { widthPixels = 1200 }: ChartOptions = {}): Promise<Uint8Array> {
  // resvg takes the report's word for the C library of this system.
  keepReportsOffTheNetwork();
  const svg = await renderSvg(spec);
  const { Resvg } = await import("@resvg/resvg-js");
  await aTurn();
  const image = new Resvg(svg, {
    fitTo: { mode: "width", value: widthPixels },
    font: { loadSystemFonts: false, fontFiles: fontFiles(), defaultFontFamily: CHART_FONT },
  });
  return image.render().asPng();
}

function fontFiles(): string[] {
  const { resolve } = createRequire(import.meta.url);
  return ["DejaVuSans.ttf", "DejaVuSans-Bold.ttf"].map((name) => resolve(`dejavu-fonts-ttf/ttf/${name}`));
}
