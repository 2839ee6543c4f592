/** Stacks pictures vertically. */
import type { RgbImage } from "./rgb.ts";

/**
 * Stacks the pictures from top to bottom, aligned at the left edge, on white. Pixels of the first picture keep their
 * positions.
 */
export function stack(...pictures: readonly RgbImage[]): RgbImage {
  const width = Math.max(...pictures.map((picture) => picture.width));
  const height = pictures.reduce((sum, picture) => sum + picture.height, 0);
  const data = new Uint8Array(width * height * 3).fill(255);
  let top = 0;
  for (const picture of pictures) {
    for (let row = 0; row < picture.height; row++) {
      const line = picture.data.subarray(row * picture.width * 3, (row + 1) * picture.width * 3);
      data.set(line, (top + row) * width * 3);
    }
    top += picture.height;
  }
  return { width, height, data };
}
