/**
 * Separates tissue from glass: makes a coarse mask of a slide, and computes the share of tissue in each patch of a
 * grid.
 */
import type { RgbImage } from "../image/rgb.ts";
import type { Grid } from "./grid.ts";
import { readScaled } from "./resample.ts";
import type { Slide } from "./slide.ts";

/**
 * Glass transmits all light. A pixel is tissue if the smallest of its red, green and blue means is below this value,
 * out of 255 (an optical density of 0.064). Both haematoxylin and eosin absorb green most.
 */
export const GLASS_FROM = 220;

/**
 * The share of tissue from which on a patch is scored. Every patch of the published data has a larger share; the palest
 * patches have about 1/25.
 */
export const DEFAULT_MIN_TISSUE = 0.02;

/** Number of mask pixels along a patch, unless the slide is too large: 10 model pixels each if a patch has 50. */
const MASK_PIXELS_ALONG_PATCH = 5;
/** Maximum of the mask's longer side. */
const MOST_MASK_PIXELS = 4096;
/** Mask rows that are read at once. */
const ROWS_AT_A_TIME = 64;

export interface TissueMask {
  /** Width of a mask pixel in model pixels. */
  readonly pixel: number;
  readonly width: number;
  readonly height: number;
  /** [height, width] 1 = tissue. */
  readonly data: Uint8Array;
}

/**
 * Finds tissue at the mask's coarse scale.
 * @param onProgress is called with the number of finished mask rows and their total number
 */
export async function findTissue(
  slide: Slide,
  { width, height, scale, side }: Pick<Grid, "width" | "height" | "scale" | "side">,
  onProgress: (done: number, total: number) => void = () => {},
): Promise<TissueMask> {
  const finest = Math.round(side / MASK_PIXELS_ALONG_PATCH);
  const pixel = Math.max(finest, Math.ceil(Math.max(width, height) / MOST_MASK_PIXELS));
  const mask = { pixel, width: Math.ceil(width / pixel), height: Math.ceil(height / pixel) };
  const data = new Uint8Array(mask.width * mask.height);
  for (let y = 0; y < mask.height; y += ROWS_AT_A_TIME) {
    const rows = Math.min(ROWS_AT_A_TIME, mask.height - y);
    const image = await readScaled(slide, scale * pixel, { x: 0, y, width: mask.width, height: rows });
    data.set(tissueOf(image), y * mask.width);
    onProgress(y + rows, mask.height);
  }
  return { ...mask, data };
}

function tissueOf({ width, height, data }: RgbImage): Uint8Array {
  const darkest = (at: number) => Math.min(data[at]!, data[at + 1]!, data[at + 2]!);
  return Uint8Array.from({ length: width * height }, (_, index) => (darkest(index * 3) < GLASS_FROM ? 1 : 0));
}

/** The share of tissue in each patch: float32 [rows, columns]. Areas outside the slide are not tissue. */
export function tissueShares(mask: TissueMask, grid: Grid): Float32Array {
  const sums = summedArea(mask);
  const size = mask.width + 1;
  const [lefts, rights] = edgesOf(grid.columns, grid, mask.pixel, mask.width);
  const [tops, bottoms] = edgesOf(grid.rows, grid, mask.pixel, mask.height);
  const patchArea = (grid.side / mask.pixel) ** 2;
  const shares = new Float32Array(grid.rows * grid.columns);
  for (let row = 0, cell = 0; row < grid.rows; row++) {
    const [top, bottom] = [tops[row]! * size, bottoms[row]! * size];
    for (let column = 0; column < grid.columns; column++, cell++) {
      const [left, right] = [lefts[column]!, rights[column]!];
      const found = sums[bottom + right]! - sums[top + right]! - sums[bottom + left]! + sums[top + left]!;
      shares[cell] = Math.min(found / patchArea, 1);
    }
  }
  return shares;
}

/** The mask pixels that each patch touches along one axis: the first ones, and the last ones (exclusive). */
function edgesOf(
  cells: number,
  { side, stride }: Pick<Grid, "side" | "stride">,
  pixel: number,
  length: number,
): [number[], number[]] {
  const starts = Array.from({ length: cells }, (_, cell) => cell * stride);
  return [
    starts.map((start) => Math.min(Math.floor(start / pixel), length)),
    starts.map((start) => Math.min(Math.ceil((start + side) / pixel), length)),
  ];
}

/** Sums over all rectangles from the upper left corner: [height + 1, width + 1] (Crow 1984). */
function summedArea({ width, height, data }: TissueMask): Int32Array {
  const sums = new Int32Array((width + 1) * (height + 1));
  for (let y = 0; y < height; y++) {
    let line = 0;
    for (let x = 0; x < width; x++) {
      line += data[y * width + x]!;
      sums[(y + 1) * (width + 1) + x + 1] = sums[y * (width + 1) + x + 1]! + line;
    }
  }
  return sums;
}
