/** Cuts a rectangle out of a picture. */
import type { Region } from "./region.ts";
import type { RgbImage } from "./rgb.ts";

/** @throws RangeError if the region is not entirely inside the picture. */
export function cropImage(image: RgbImage, { x, y, width, height }: Region): RgbImage {
  if (x < 0 || y < 0 || x + width > image.width || y + height > image.height) {
    throw new RangeError(
      `${width} x ${height} pixels at ${x},${y} do not lie inside ${image.width} x ${image.height}.`,
    );
  }
  const data = new Uint8Array(width * height * 3);
  for (let row = 0; row < height; row++) {
    const start = ((y + row) * image.width + x) * 3;
    data.set(image.data.subarray(start, start + width * 3), row * width * 3);
  }
  return { width, height, data };
}
