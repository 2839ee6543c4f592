/** Pictures with known pixels, and the plain way to cut a region, tiles or a smaller version out of one. */
import type { Region } from "../../../../src/histology/image/region.ts";
import type { RgbImage } from "../../../../src/histology/image/rgb.ts";

/** Smooth waves of each colour, so that JPEG keeps them nearly as they are, and no two places look alike. */
export function smoothPicture(width: number, height: number): RgbImage {
  const data = new Uint8Array(width * height * 3);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const rgb = [
        128 + 100 * Math.sin(x / 17 + y / 91),
        128 + 100 * Math.sin(y / 23),
        128 + 100 * Math.cos(x / 41 - y / 67),
      ];
      data.set(rgb, (y * width + x) * 3);
    }
  }
  return { width, height, data };
}

/** A region, row by row, white where the picture has none. */
export function cut({ width, height, data }: RgbImage, region: Region): RgbImage {
  const own = { width: region.width, height: region.height, data: new Uint8Array(region.width * region.height * 3) };
  own.data.fill(255);
  const [left, right] = [Math.max(region.x, 0), Math.min(region.x + region.width, width)];
  for (let y = Math.max(region.y, 0); left < right && y < Math.min(region.y + region.height, height); y++) {
    const row = data.subarray((y * width + left) * 3, (y * width + right) * 3);
    own.data.set(row, ((y - region.y) * region.width + left - region.x) * 3);
  }
  return own;
}

/** The pixels of each tile, row by row. */
export function tilesOf(image: RgbImage, tileWidth: number, tileHeight = tileWidth): Buffer[] {
  const tiles: Buffer[] = [];
  for (let y = 0; y < image.height; y += tileHeight) {
    for (let x = 0; x < image.width; x += tileWidth) {
      tiles.push(Buffer.from(cut(image, { x, y, width: tileWidth, height: tileHeight }).data));
    }
  }
  return tiles;
}

/** Every `step`-th pixel of every `step`-th row. */
export function everyNth(image: RgbImage, step: number): RgbImage {
  const [width, height] = [Math.floor(image.width / step), Math.floor(image.height / step)];
  const data = new Uint8Array(width * height * 3);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const from = (y * step * image.width + x * step) * 3;
      data.set(image.data.subarray(from, from + 3), (y * width + x) * 3);
    }
  }
  return { width, height, data };
}

/** The largest difference between two pictures of one size. */
export function worst(a: RgbImage, b: RgbImage): number {
  return a.data.reduce((most, value, i) => Math.max(most, Math.abs(value - b.data[i]!)), 0);
}
