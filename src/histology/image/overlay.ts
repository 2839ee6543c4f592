/** Draws a coloured map of numbers over a greyscale version of a picture. */
import type { ColourMap } from "./colour_map.ts";
import type { RgbImage } from "./rgb.ts";

/** Numbers in cells over a picture: shape [height, width], row-major. */
export interface NumberMap {
  readonly height: number;
  readonly width: number;
  readonly values: ArrayLike<number>;
}

/** The share of the map's colour in each pixel. The rest is the picture's grey. */
const COLOUR_SHARE = 0.65;

/** Each pixel gets the colour of its cell. Cells are not smoothed, so a coarse map looks coarse. */
export function overlay(image: RgbImage, map: NumberMap, colourOf: ColourMap): RgbImage {
  const data = new Uint8Array(image.data.length);
  for (let y = 0, at = 0; y < image.height; y++) {
    const row = Math.floor((y * map.height) / image.height) * map.width;
    for (let x = 0; x < image.width; x++, at += 3) {
      const colour = colourOf(map.values[row + Math.floor((x * map.width) / image.width)]!);
      const grey = luma(image.data, at);
      for (let channel = 0; channel < 3; channel++) {
        data[at + channel] = Math.round(COLOUR_SHARE * colour[channel]! + (1 - COLOUR_SHARE) * grey);
      }
    }
  }
  return { width: image.width, height: image.height, data };
}

/** The brightness of a pixel (ITU-R BT.601). */
function luma(data: Uint8Array, at: number): number {
  return 0.299 * data[at]! + 0.587 * data[at + 1]! + 0.114 * data[at + 2]!;
}
