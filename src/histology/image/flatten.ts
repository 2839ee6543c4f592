/** Blends transparent pixels with white, in the arithmetic of libvips. */
import type { RgbImage } from "./rgb.ts";

/** A sample over white. @param most the largest sample, and the alpha of an opaque pixel */
export const overWhite = (sample: number, alpha: number, most: number): number =>
  Math.floor((sample * alpha + most * (most - alpha)) / most);

/** 8-bit pixels with alpha, [height][width][4], as the canvas and most decoders give them. */
export interface RgbaImage {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array | Uint8ClampedArray;
}

const OPAQUE = 255;

/** The pixels without alpha. Opaque pixels are copied. */
export function flattened({ width, height, data }: RgbaImage): RgbImage {
  const rgb = new Uint8Array(width * height * 3);
  for (let from = 0, to = 0; to < rgb.length; from += 4) {
    const alpha = data[from + 3]!;
    if (alpha === OPAQUE) {
      rgb[to++] = data[from]!;
      rgb[to++] = data[from + 1]!;
      rgb[to++] = data[from + 2]!;
      continue;
    }
    rgb[to++] = overWhite(data[from]!, alpha, OPAQUE);
    rgb[to++] = overWhite(data[from + 1]!, alpha, OPAQUE);
    rgb[to++] = overWhite(data[from + 2]!, alpha, OPAQUE);
  }
  return { width, height, data: rgb };
}
