/** Where the patches of a slide lie: a regular grid in model pixels, each of them `scale` pixels of the slide's level 0 wide. */
import type { NeighbourOf } from "../neighbourhood.ts";
import type { Slide } from "./slide.ts";

/** Cell (column, row) is the patch whose left upper corner is at (column * stride, row * stride) model pixels. */
export interface Grid {
  /** Pixels of level 0 that a model pixel is wide. */
  readonly scale: number;
  /** Model pixels that a patch is wide and high. */
  readonly side: number;
  /** Distance from one patch to the next, in model pixels. */
  readonly stride: number;
  readonly columns: number;
  readonly rows: number;
  /** The slide's size in model pixels, rounded up; the last patches may reach beyond it. */
  readonly width: number;
  readonly height: number;
}

/** The smallest grid whose patches cover the slide; with a stride above the patch's size there are gaps between them. */
export function gridOf(
  { levels: [level] }: Pick<Slide, "levels">,
  { scale, side, stride }: Pick<Grid, "scale" | "side" | "stride">,
): Grid {
  const [width, height] = [modelPixels(level.width, scale), modelPixels(level.height, scale)];
  const cellsAlong = (length: number) => 1 + Math.max(Math.ceil((length - side) / stride), 0);
  return { scale, side, stride, columns: cellsAlong(width), rows: cellsAlong(height), width, height };
}

/** A millionth of a pixel is a division's rounding. */
const modelPixels = (length: number, scale: number): number => Math.max(Math.ceil(length / scale - 1e-6), 1);

/** How patches follow each other along a side. */
type Steps = Pick<Grid, "side" | "stride">;

/**
 * The cell whose patch's middle is nearest to a place, in model pixels; along columns and rows alike. So each cell of a map
 * stands for a square of the stride's size around its patch's middle, and those at the edges for what lies beyond too.
 */
export function nearestCell(place: number, steps: Steps, cells: number): number {
  const cell = Math.floor((place - squareStart(0, steps)) / steps.stride);
  return Math.min(Math.max(cell, 0), cells - 1);
}

/** The left or upper edge of a cell's square, in model pixels; see `nearestCell`. */
export function squareStart(cell: number, { side, stride }: Steps): number {
  return cell * stride + (side - stride) / 2;
}

/**
 * The neighbours of a grid's cells: those a whole patch away, which the grid only has if that is a number of strides.
 * @param values float32 [rows, columns], NaN if a cell has none: then it is no neighbour either.
 */
export function neighboursInGrid({ side, stride, columns, rows }: Grid, values: Float32Array): NeighbourOf {
  const cells = side / stride;
  return (cell, right, down) => {
    const [column, row] = [(cell % columns) + right * cells, Math.floor(cell / columns) + down * cells];
    if (column < 0 || row < 0 || column >= columns || row >= rows) return undefined;
    const neighbour = row * columns + column;
    return Number.isNaN(values[neighbour]) ? undefined : neighbour;
  };
}
