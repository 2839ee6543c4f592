/**
 * The positions of a slide's patches: a regular grid in model pixels. Each model pixel is `scale` pixels of level 0
 * wide.
 */
import { rounded, type SumSquares, squaresOf } from "../neighbourhood.ts";
import type { Slide } from "./slide.ts";

/** The largest distance between neighbouring patches, in sides of a patch. */
export const MOST_PATCHES_APART = 10;

/** Cell (column, row) is the patch with its upper left corner at (column * stride, row * stride) model pixels. */
export interface Grid {
  /** Width of a model pixel in pixels of level 0. */
  readonly scale: number;
  /** Width and height of a patch in model pixels. */
  readonly side: number;
  /** Distance between adjacent patches in model pixels. */
  readonly stride: number;
  readonly columns: number;
  readonly rows: number;
  /** The slide's size in model pixels, rounded up. The last patches may extend beyond it. */
  readonly width: number;
  readonly height: number;
}

/** The smallest grid that covers the slide. If the stride is larger than a patch, there are gaps between patches. */
export function gridOf(
  { levels: [level] }: Pick<Slide, "levels">,
  { scale, side, stride }: Pick<Grid, "scale" | "side" | "stride">,
): Grid {
  const [width, height] = [modelPixels(level.width, scale), modelPixels(level.height, scale)];
  const cellsAlong = (length: number) => 1 + Math.max(Math.ceil((length - side) / stride), 0);
  return { scale, side, stride, columns: cellsAlong(width), rows: cellsAlong(height), width, height };
}

/** The tolerance of a millionth of a pixel absorbs rounding errors of the division. */
const modelPixels = (length: number, scale: number): number => Math.max(Math.ceil(length / scale - 1e-6), 1);

/** The size and spacing of patches along one axis. */
type Steps = Pick<Grid, "side" | "stride">;

/**
 * The cell whose patch centre is nearest to a position in model pixels, along either axis. So each cell of a map
 * represents a square with the stride as its side, centred on its patch. Cells at the edges also represent everything
 * beyond the edge.
 */
export function nearestCell(place: number, steps: Steps, cells: number): number {
  const cell = Math.floor((place - squareStart(0, steps)) / steps.stride);
  return Math.min(Math.max(cell, 0), cells - 1);
}

/** The left or upper edge of a cell's square in model pixels; see `nearestCell`. */
export function squareStart(cell: number, { side, stride }: Steps): number {
  return cell * stride + (side - stride) / 2;
}

/** Sums are made for this many rows at a time, and for those around them. */
const BAND_ROWS = 64;

/**
 * Adds up the neighbours of a grid's cells, which are whole patches away. They exist only if a patch's side is a multiple of
 * the stride. The sums over a rectangle come from the sums over all cells above and to the left of its corners (Crow 1984,
 * Summed-area tables for texture mapping), so a large square takes no longer than a small one. They are exact. Call the
 * result for one cell after the other: it keeps the sums of some rows only.
 * @param logits float32 [rows, columns]; cells with NaN have none
 */
export function squaresInGrid(
  { side, stride, columns, rows }: Pick<Grid, "side" | "stride" | "columns" | "rows">,
  logits: Float32Array,
  reach: number,
): SumSquares {
  const step = side / stride;
  const squares = squaresOf(reach);
  const around = reach * step;
  const height = Math.max(BAND_ROWS, around);
  let band = { start: 0, end: 0, first: 0, sum: new Float64Array(0), count: new Int32Array(0) };
  const bandOf = (row: number) => {
    if (row >= band.start && row < band.end) return band;
    const [start, end] = [row, Math.min(row + height, rows)];
    const first = Math.max(start - around, 0);
    const part = logits.subarray(first * columns, Math.min(end + around, rows) * columns);
    const sum = Float64Array.from(part, (logit) => (Number.isNaN(logit) ? 0 : rounded(logit)));
    const count = Int32Array.from(part, (logit) => (Number.isNaN(logit) ? 0 : 1));
    addUp(sum, columns, step);
    addUp(count, columns, step);
    band = { start, end, first, sum, count };
    return band;
  };
  /** The most steps, up to `most`, that fit into a number of cells. */
  const stepsIn = (cells: number, most: number) => Math.min(most, Math.floor(cells / step)) * step;
  return (cell, sums, counts) => {
    const column = cell % columns;
    const row = (cell - column) / columns;
    const { first, sum, count } = bandOf(row);
    const own = logits[cell]!;
    for (const [number, square] of squares.entries()) {
      const corners: Corners = [
        row - stepsIn(row, square) - step - first,
        column - stepsIn(column, square) - step,
        row + stepsIn(rows - 1 - row, square) - first,
        column + stepsIn(columns - 1 - column, square),
      ];
      sums[number] = inRectangle(sum, columns, corners) - (Number.isNaN(own) ? 0 : rounded(own));
      counts[number] = inRectangle(count, columns, corners) - (Number.isNaN(own) ? 0 : 1);
    }
  };
}

/**
 * Replaces each value by the sum of the values in its row and column and before, in steps of `step`.
 * @param values [rows, columns]
 */
function addUp(values: Float64Array | Int32Array, columns: number, step: number): void {
  const at = (row: number, column: number) => (row < 0 || column < 0 ? 0 : values[row * columns + column]!);
  for (let cell = 0; cell < values.length; cell++) {
    const column = cell % columns;
    const row = (cell - column) / columns;
    values[cell]! += at(row - step, column) + at(row, column - step) - at(row - step, column - step);
  }
}

/** The row above and the column left of a rectangle, and its last row and column. */
type Corners = readonly [above: number, left: number, bottom: number, right: number];

function inRectangle(sums: Float64Array | Int32Array, columns: number, [above, left, bottom, right]: Corners): number {
  const at = (row: number, column: number) => (row < 0 || column < 0 ? 0 : sums[row * columns + column]!);
  return at(bottom, right) - at(above, right) - at(bottom, left) + at(above, left);
}
