/** Pictures with known pixels, and the plain way to cut a region out of one. */
import type { RgbImage } from "../../../../src/histology/image/rgb.ts";
import type { Region } from "../../../../src/histology/slide/slide.ts";

/** Smooth waves of each colour, so that JPEG keeps them nearly as they are, and no two places look alike. */
export function smoothPicture(width: number, height: number): RgbImage {
  const data = new Uint8Array(width * height * 3);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      data.set(
        [128 + 100 * Math.sin(x / 17 + y / 91), 128 + 100 * Math.sin(y / 23), (x + 2 * y) & 127],
        (y * width + x) * 3,
      );
    }
  }
  return { width, height, data };
}

/** The region pixel by pixel, white where the picture has none. */
export function cut(image: RgbImage, region: Region): RgbImage {
  const data = new Uint8Array(region.width * region.height * 3).fill(255);
  for (let y = 0; y < region.height; y++) {
    for (let x = 0; x < region.width; x++) {
      const [column, row] = [region.x + x, region.y + y];
      if (column < 0 || row < 0 || column >= image.width || row >= image.height) continue;
      const from = (row * image.width + column) * 3;
      data.set(image.data.subarray(from, from + 3), (y * region.width + x) * 3);
    }
  }
  return { width: region.width, height: region.height, data };
}
