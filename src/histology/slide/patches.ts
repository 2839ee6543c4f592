/** Cuts the patches of a grid out of a slide in blocks, so that each pixel is read about once. */
import type { Region } from "../image/region.ts";
import type { Grid } from "./grid.ts";
import { levelFor, readScaled } from "./resample.ts";
import type { Slide } from "./slide.ts";

/** The maximum side of a block: in patches, in model pixels, and in pixels of the level that it is read from. */
const BLOCK_PATCHES = 32;
const BLOCK_PIXELS = 1024;
const BLOCK_LEVEL_PIXELS = 4096;

/** Grid cells (row * columns + column) that are read together. */
export type PatchBlock = Uint32Array;

/**
 * Groups the wanted cells into blocks. The order depends only on the slide's levels, the grid and the wanted cells.
 */
export function blocksOf(slide: Slide, grid: Grid, wanted: (cell: number) => boolean): PatchBlock[] {
  const side = cellsInBlock(slide, grid);
  const blocks: PatchBlock[] = [];
  for (let top = 0; top < grid.rows; top += side) {
    for (let left = 0; left < grid.columns; left += side) {
      const cells: number[] = [];
      for (let row = top; row < Math.min(top + side, grid.rows); row++) {
        for (let column = left; column < Math.min(left + side, grid.columns); column++) {
          const cell = row * grid.columns + column;
          if (wanted(cell)) cells.push(cell);
        }
      }
      if (cells.length > 0) blocks.push(Uint32Array.from(cells));
    }
  }
  return blocks;
}

function cellsInBlock(slide: Slide, { scale, side, stride }: Grid): number {
  const factor = scale / slide.levels[levelFor(slide, scale)]!.downsample;
  const pixels = Math.min(BLOCK_PIXELS, BLOCK_LEVEL_PIXELS / factor);
  const patches = Math.floor((pixels - side) / stride) + 1;
  return Math.min(Math.max(patches, 1), BLOCK_PATCHES);
}

/** The pixels of a block. Patches are cut out of it when needed. */
export interface CutBlock {
  readonly cells: PatchBlock;
  /**
   * Copies the record (see dataset/record.ts) of the block's cell number `place` into `into`, starting at `offset`.
   */
  copy(place: number, into: Uint8Array, offset: number): void;
}

/** Reads a block. Only the area covered by its cells is read. */
export async function readBlock(slide: Slide, grid: Grid, cells: PatchBlock): Promise<CutBlock> {
  const { side } = grid;
  const lineBytes = side * 3;
  const corners = Array.from(cells, (cell) => cornerOf(grid, cell));
  const region = boundsOf(corners, side);
  const { width, data } = await readScaled(slide, grid.scale, region);
  return {
    cells,
    copy(place, into, offset) {
      const { x, y } = corners[place]!;
      for (let row = 0; row < side; row++) {
        const start = ((y - region.y + row) * width + x - region.x) * 3;
        into.set(data.subarray(start, start + lineBytes), offset + row * lineBytes);
      }
    },
  };
}

/** The upper left corner of a cell's patch in model pixels. */
export function cornerOf(
  { columns, stride }: Pick<Grid, "columns" | "stride">,
  cell: number,
): { x: number; y: number } {
  return { x: (cell % columns) * stride, y: Math.floor(cell / columns) * stride };
}

function boundsOf(corners: readonly { x: number; y: number }[], side: number): Region {
  const [xs, ys] = [corners.map(({ x }) => x), corners.map(({ y }) => y)];
  const [x, y] = [Math.min(...xs), Math.min(...ys)];
  return {
    x,
    y,
    width: Math.max(...xs) - x + side,
    height: Math.max(...ys) - y + side,
  };
}
