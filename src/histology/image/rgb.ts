/** What a decoded picture is, for all who make or take one. */

/** A picture: `data` is [height, width, 3] in the order red, green, blue, 8-bit sRGB. */
export interface RgbImage {
  width: number;
  height: number;
  data: Uint8Array;
}
