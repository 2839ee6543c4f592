/** The one form in which every patch is stored, trained on and predicted: 50 x 50 pixels, 8-bit RGB. */
import type { RgbImage } from "../image/decode.ts";
import { resizeNearest } from "../image/resize.ts";

/** Width and height of a record, in pixels: the size of the published IDC patches. */
export const RECORD_SIZE_PIXELS = 50;

/** Bytes of a record: [height, width, 3] in the order red, green, blue. */
export const RECORD_BYTES = RECORD_SIZE_PIXELS * RECORD_SIZE_PIXELS * 3;

/** The picture as a record of RECORD_BYTES bytes; another size is resized by nearest neighbour. */
export function toRecord(image: RgbImage): Uint8Array {
  return resizeNearest(image, RECORD_SIZE_PIXELS, RECORD_SIZE_PIXELS).data;
}
