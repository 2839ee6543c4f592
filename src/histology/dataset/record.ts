/** The one form in which every patch is stored, trained on and predicted: square, 8-bit RGB; 50 x 50 pixels unless chosen otherwise. */
import { resizeNearest } from "../image/resize.ts";
import type { RgbImage } from "../image/rgb.ts";

/** Width and height of a record, in pixels, unless a dataset has another: the size of the published IDC patches. */
export const RECORD_SIZE_PIXELS = 50;

/** The sides that a dataset may have, in pixels. */
export const RECORD_SIDES = { least: 16, most: 512 } as const;

/** Bytes of a record of that side: [side, side, 3] in the order red, green, blue. */
export const recordBytes = (side: number): number => side * side * 3;

/** Bytes of a record of the usual side. */
export const RECORD_BYTES = recordBytes(RECORD_SIZE_PIXELS);

/** The picture as a record of `recordBytes(side)` bytes; another size is resized by nearest neighbour. */
export function toRecord(image: RgbImage, side = RECORD_SIZE_PIXELS): Uint8Array {
  return resizeNearest(image, side, side).data;
}
