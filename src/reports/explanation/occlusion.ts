/** Occlusion (Zeiler & Fergus 2014): hides one square of a patch at a time, and measures how far the log odds fall. */
import type { NumberMap } from "../../histology/image/overlay.ts";
import type { RgbImage } from "../../histology/image/rgb.ts";

/** The side of the squares that hide part of an image, and the distance between their edges, both in image pixels. */
export interface Squares {
  readonly square: number;
  readonly stride: number;
}

/**
 * The left (or upper) edges of the squares along a side. The last square always ends at the border, whatever the
 * stride.
 */
export function squareEdges(side: number, { square, stride }: Squares): number[] {
  const last = side - square;
  return [...Array.from({ length: Math.ceil(last / stride) }, (_, index) => index * stride), last];
}

/**
 * Writes copies of a square image, each with one square filled with the image's mean colour. The squares are in
 * row-major order.
 * @param into uint8 [squares, side, side, 3], receives copies `first` to `first + count - 1`
 */
export function hideSquares(
  { width: side, data }: RgbImage,
  { square, stride }: Squares,
  [first, count]: readonly [number, number],
  into: Uint8Array,
): void {
  const edges = squareEdges(side, { square, stride });
  const mean = meanColour(data);
  for (let copy = 0; copy < count; copy++) {
    const start = copy * data.length;
    into.set(data, start);
    const [top, left] = [edges[Math.floor((first + copy) / edges.length)]!, edges[(first + copy) % edges.length]!];
    for (let row = top; row < top + square; row++) {
      for (let column = left; column < left + square; column++) into.set(mean, start + (row * side + column) * 3);
    }
  }
}

/** The mean red, green and blue, rounded. */
function meanColour(data: Uint8Array): Uint8Array {
  const sums = [0, 0, 0];
  data.forEach((value, index) => {
    sums[index % 3]! += value;
  });
  return Uint8Array.from(sums, (sum) => Math.round((3 * sum) / data.length));
}

/** For each pixel, the mean drop over all squares that hide it. */
export function dropsByPixel(drops: ArrayLike<number>, side: number, squares: Squares): NumberMap {
  const edges = squareEdges(side, squares);
  const [sums, counts] = [new Float64Array(side * side), new Float64Array(side * side)];
  edges.forEach((top, row) => {
    edges.forEach((left, column) => {
      for (let y = top; y < top + squares.square; y++) {
        for (let x = left; x < left + squares.square; x++) {
          sums[y * side + x]! += drops[row * edges.length + column]!;
          counts[y * side + x]! += 1;
        }
      }
    });
  });
  return { width: side, height: side, values: sums.map((sum, pixel) => sum / counts[pixel]!) };
}

/** Reduces a map to a lower resolution. Each cell is the mean over the pixels that it covers. */
export function coarsened(map: NumberMap, height: number, width: number): NumberMap {
  const [sums, counts] = [new Float64Array(height * width), new Float64Array(height * width)];
  for (let y = 0; y < map.height; y++) {
    for (let x = 0; x < map.width; x++) {
      const cell = Math.floor((y * height) / map.height) * width + Math.floor((x * width) / map.width);
      sums[cell]! += map.values[y * map.width + x]!;
      counts[cell]! += 1;
    }
  }
  return { width, height, values: sums.map((sum, cell) => sum / counts[cell]!) };
}
