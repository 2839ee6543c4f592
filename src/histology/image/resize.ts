/**
 * Resizes pictures. Nearest neighbour gives exactly Pillow's pixels and creates no new colours. Bilinear is for
 * networks that need larger inputs.
 */
import type { RgbImage } from "./rgb.ts";

/**
 * Resizes a picture by nearest neighbour. Target pixel i shows source pixel floor((i + 0.5) * source / target). This is
 * the rule of Pillow's NEAREST, which Keras's image loading uses (Pillow, Geometry.c, ImagingScaleAffine).
 * @throws RangeError if a size is not an integer of at least 1.
 */
export function resizeNearest(image: RgbImage, width: number, height: number): RgbImage {
  if (width === image.width && height === image.height) return image;
  const columns = sourceIndices(image.width, width);
  const rows = sourceIndices(image.height, height);
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
  // Positions are accumulated by addition, as in Pillow. If (i + 0.5) * scale is an integer, rounding errors decide
  // which pixel is taken, and they must match Pillow's.
  let position = scale / 2;
  for (let i = 0; i < targetSize; i++, position += scale) sources[i] = Math.min(Math.floor(position), sourceSize - 1);
  return sources;
}

/** For each target pixel, the two adjacent source pixels and the weight of the second one. */
interface Taps {
  readonly first: Uint32Array;
  readonly second: Uint32Array;
  readonly share: Float64Array;
}

/**
 * Returns a function that resizes pictures of one size to float32 [height, width, 3] with values from 0 to 255.
 * Interpolation is bilinear between pixel centres. Edge pixels are repeated. Shrinking does not smooth. The result
 * equals PyTorch's interpolate (align_corners=False), and Pillow's when enlarging.
 */
export function bilinearResizer(
  from: Pick<RgbImage, "width" | "height">,
  to: Pick<RgbImage, "width" | "height">,
): (data: Uint8Array, into: Float32Array) => void {
  const [columns, rows] = [tapsOf(from.width, to.width), tapsOf(from.height, to.height)];
  return (data, into) => {
    let target = 0;
    for (let y = 0; y < to.height; y++) {
      const [upper, lower] = [rows.first[y]! * from.width, rows.second[y]! * from.width];
      const down = rows.share[y]!;
      for (let x = 0; x < to.width; x++) {
        const [left, right] = [columns.first[x]!, columns.second[x]!];
        const across = columns.share[x]!;
        for (let channel = 0; channel < 3; channel++) {
          const at = (place: number) => data[place * 3 + channel]!;
          const above = at(upper + left) * (1 - across) + at(upper + right) * across;
          const below = at(lower + left) * (1 - across) + at(lower + right) * across;
          into[target++] = above * (1 - down) + below * down;
        }
      }
    }
  };
}

function tapsOf(sourceSize: number, targetSize: number): Taps {
  const places = Float64Array.from({ length: targetSize }, (_, i) =>
    Math.max(0, ((i + 0.5) * sourceSize) / targetSize - 0.5),
  );
  const first = Uint32Array.from(places, (place) => Math.min(Math.floor(place), sourceSize - 1));
  return {
    first,
    second: first.map((index) => Math.min(index + 1, sourceSize - 1)),
    share: places.map((place, i) => Math.min(place - first[i]!, 1)),
  };
}
