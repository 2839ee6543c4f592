/** The type of a decoded picture. */

/** A picture. `data` has shape [height, width, 3], in the order red, green, blue, 8-bit sRGB. */
export interface RgbImage {
  width: number;
  height: number;
  data: Uint8Array;
}
