/**
 * The positions of a slide's patches: a regular grid in model pixels. Each model pixel is `scale` pixels of level 0
 * wide.
 */
import type { VisitNeighbours } from "../neighbourhood.ts";
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

/**
 * Finds the neighbours of a grid's cells, which are whole patches away. They exist only if a patch's side is a multiple of
 * the stride.
 * @param values float32 [rows, columns]; cells with NaN have no value and are not visited.
 */
export function neighboursInGrid(
  { side, stride, columns, rows }: Grid,
  values: Float32Array,
  reach: number,
): VisitNeighbours {
  const step = side / stride;
  /** The first and the last step along an axis that stay in the grid. */
  const from = (place: number) => -Math.min(reach, Math.floor(place / step));
  const to = (place: number, length: number) => Math.min(reach, Math.floor((length - 1 - place) / step));
  return (cell, visit) => {
    const [column, row] = [cell % columns, Math.floor(cell / columns)];
    const [left, right] = [from(column), to(column, columns)];
    const bottom = to(row, rows);
    for (let down = from(row); down <= bottom; down++) {
      let neighbour = cell + (down * columns + left) * step;
      for (let along = left; along <= right; along++, neighbour += step) {
        if (neighbour === cell || Number.isNaN(values[neighbour])) continue;
        visit(neighbour, Math.max(Math.abs(along), Math.abs(down)));
      }
    }
  };
}
