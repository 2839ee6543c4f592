/** Where the patches of a slide lie: a regular grid in model pixels, each of them `scale` pixels of the slide's level 0 wide. */
import { RECORD_SIZE_PIXELS } from "../dataset/record.ts";
import type { Slide } from "./slide.ts";

/** Cell (column, row) is the patch whose left upper corner is at (column * stride, row * stride) model pixels. */
export interface Grid {
  /** Pixels of level 0 that a model pixel is wide. */
  readonly scale: number;
  /** Model pixels from one patch to the next. */
  readonly stride: number;
  readonly columns: number;
  readonly rows: number;
  /** The slide's size in model pixels, rounded up; the last patches may reach beyond it. */
  readonly width: number;
  readonly height: number;
}

/** The smallest grid whose patches cover the slide; with a stride above the patch's size there are gaps between them. */
export function gridOf({ levels: [level] }: Pick<Slide, "levels">, scale: number, stride: number): Grid {
  const [width, height] = [modelPixels(level.width, scale), modelPixels(level.height, scale)];
  return { scale, stride, columns: cellsAlong(width, stride), rows: cellsAlong(height, stride), width, height };
}

/** A millionth of a pixel is a division's rounding. */
const modelPixels = (length: number, scale: number): number => Math.max(Math.ceil(length / scale - 1e-6), 1);

const cellsAlong = (length: number, stride: number): number =>
  1 + Math.max(Math.ceil((length - RECORD_SIZE_PIXELS) / stride), 0);

/**
 * The cell whose patch's middle is nearest to a place, in model pixels; along columns and rows alike. So each cell of a map
 * stands for a square of the stride's size around its patch's middle, and those at the edges for what lies beyond too.
 */
export function nearestCell(place: number, stride: number, cells: number): number {
  const cell = Math.floor((place - squareStart(0, stride)) / stride);
  return Math.min(Math.max(cell, 0), cells - 1);
}

/** The left or upper edge of a cell's square, in model pixels; see `nearestCell`. */
export function squareStart(cell: number, stride: number): number {
  return cell * stride + (RECORD_SIZE_PIXELS - stride) / 2;
}
