/** Resizing by nearest neighbour, to the pixel as Pillow does it; nothing is blended, so no new colours appear. */
import type { RgbImage } from "./decode.ts";

/**
 * The picture in another size. Target pixel i shows source pixel floor((i + 0.5) * source / target): the rule of
 * Pillow's NEAREST, which Keras's image loading uses (Pillow, Geometry.c, ImagingScaleAffine).
 * @throws RangeError where a size is not a whole number of at least 1.
 */
export function resizeNearest(image: RgbImage, width: number, height: number): RgbImage {
  const columns = sourceIndices(image.width, width);
  const rows = sourceIndices(image.height, height);
  if (width === image.width && height === image.height) return image;
  const data = new Uint8Array(width * height * 3);
  let target = 0;
  for (const row of rows) {
    for (const column of columns) {
      const source = (row * image.width + column) * 3;
      data[target++] = image.data[source]!;
      data[target++] = image.data[source + 1]!;
      data[target++] = image.data[source + 2]!;
    }
  }
  return { width, height, data };
}

function sourceIndices(sourceSize: number, targetSize: number): Uint32Array {
  if (!Number.isInteger(targetSize) || targetSize < 1 || sourceSize < 1) {
    throw new RangeError(`Cannot resize ${sourceSize} pixels to ${targetSize}: both must be whole and at least 1.`);
  }
  const scale = sourceSize / targetSize;
  const sources = new Uint32Array(targetSize);
  // Summed up, as Pillow does: where (i + 0.5) * scale is a whole number, rounding decides, and it must decide alike.
  let position = scale / 2;
  for (let i = 0; i < targetSize; i++, position += scale) sources[i] = Math.min(Math.floor(position), sourceSize - 1);
  return sources;
}
