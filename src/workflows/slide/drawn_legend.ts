/** Renders a legend as pixels, to be placed below a picture. */
import { decodeImage } from "../../histology/image/decode.ts";
import type { RgbImage } from "../../histology/image/rgb.ts";
import type { ChartSpec } from "../../reports/charts/svg.ts";
import { renderPng } from "../chart.ts";

const WIDTH_PIXELS = 600;

export async function drawLegend(legend: ChartSpec): Promise<RgbImage> {
  return decodeImage(await renderPng(legend, { widthPixels: WIDTH_PIXELS }), "the legend");
}
