/**
 * The format in which every patch is stored, used for training and classified: square, 8-bit RGB, 50 x 50 pixels by
 * default.
 */
import { resizeNearest } from "../image/resize.ts";
import type { RgbImage } from "../image/rgb.ts";

/** Default width and height of a record in pixels: the size of the published IDC patches. */
export const RECORD_SIZE_PIXELS = 50;

/** The allowed range of a record's side, in pixels. */
export const RECORD_SIDES = { least: 16, most: 512 } as const;

/** Bytes per record with the given side: [side, side, 3] in the order red, green, blue. */
export const recordBytes = (side: number): number => side * side * 3;

/** Bytes per record with the default side. */
export const RECORD_BYTES = recordBytes(RECORD_SIZE_PIXELS);

/** Pixels per side of the records that a model's card states. */
export const recordSideOf = ({ record_side }: { readonly record_side?: number | undefined }): number =>
  record_side ?? RECORD_SIZE_PIXELS;

/** Converts a picture to a record of `recordBytes(side)` bytes. Other sizes are resized by nearest neighbour. */
export function toRecord(image: RgbImage, side = RECORD_SIZE_PIXELS): Uint8Array {
  return resizeNearest(image, side, side).data;
}
