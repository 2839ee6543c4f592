/** Renders charts as PNG. Only this file uses the rasteriser. */
import { createRequire } from "node:module";
import { CHART_FONT, type ChartSpec, renderSvg } from "../reports/charts/svg.ts";
import { ownFile } from "../system/own_files.ts";
import { keepReportsOffTheNetwork } from "../system/process_report.ts";
import { aTurn } from "../util/turns.ts";

export interface ChartOptions {
  /** The width of the PNG in pixels; the height follows from the chart's aspect ratio. */
  widthPixels?: number;
}

/** Renders a chart as PNG, in DejaVu Sans on white. @throws Error if the specification is not valid Vega-Lite. */
export async function renderPng(spec: ChartSpec, { widthPixels = 1200 }: ChartOptions = {}): Promise<Uint8Array> {
  // resvg reads a Node process report to find this system's C library. By default, such a report looks up host names.
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
  const { resolve } = createRequire(ownFile("package.json"));
  return ["DejaVuSans.ttf", "DejaVuSans-Bold.ttf"].map((name) => resolve(`dejavu-fonts-ttf/ttf/${name}`));
}
