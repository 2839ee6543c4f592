/** Where the cells of the grid lie: sizes in CSS pixels, positions counted from 0 in the order of the patches. */

/** The sizes of a cell's picture that the view offers, in CSS pixels. */
export const CELL_SIZES = { small: 50, medium: 100, large: 150 } as const;

export type CellSize = keyof typeof CELL_SIZES;

/** The border around a picture, which shows the label. */
export const BORDER = 3;
const GAP = 6;
/** The line with the probability below a picture. */
export const CAPTION = 16;

export interface GridLayout {
  readonly count: number;
  /** Width and height of a picture. */
  readonly picture: number;
  readonly columns: number;
  readonly rows: number;
  readonly cellWidth: number;
  readonly cellHeight: number;
  /** The height of all rows. */
  readonly height: number;
}

/** @param width the width that the grid has */
export function gridLayout(width: number, count: number, picture: number): GridLayout {
  const cellWidth = picture + 2 * BORDER + GAP;
  const cellHeight = picture + 2 * BORDER + GAP + CAPTION;
  const columns = Math.max(1, Math.floor(width / cellWidth));
  const rows = Math.ceil(count / columns);
  return { count, picture, columns, rows, cellWidth, cellHeight, height: rows * cellHeight };
}

/** The positions that a window of the grid shows, from `first` up to before `end`. */
export function shownRange(
  { columns, cellHeight, count }: GridLayout,
  top: number,
  height: number,
): { readonly first: number; readonly end: number } {
  const firstRow = Math.max(0, Math.floor(top / cellHeight));
  const endRow = Math.ceil((top + height) / cellHeight);
  return { first: Math.min(firstRow * columns, count), end: Math.min(Math.max(endRow, 0) * columns, count) };
}

/** The left upper corner of a cell. */
export function cellCorner({ columns, cellWidth, cellHeight }: GridLayout, position: number): { x: number; y: number } {
  return { x: (position % columns) * cellWidth, y: Math.floor(position / columns) * cellHeight };
}

/** The position at a point of the grid; undefined if there is none. */
export function positionAt(
  { columns, cellWidth, cellHeight, count }: GridLayout,
  x: number,
  y: number,
): number | undefined {
  const column = Math.floor(x / cellWidth);
  const position = Math.floor(y / cellHeight) * columns + column;
  return column >= 0 && column < columns && position >= 0 && position < count ? position : undefined;
}

/** The scroll position that shows a cell, as near as possible to the current one. */
export function scrollFor(layout: GridLayout, position: number, top: number, height: number): number {
  const { y } = cellCorner(layout, position);
  if (y < top) return y;
  return y + layout.cellHeight > top + height ? y + layout.cellHeight - height : top;
}

/** The position that a key leads to; undefined if it is no key of movement. */
export function movedBy(
  key: string,
  { columns, count, cellHeight }: GridLayout,
  position: number,
  height: number,
): number | undefined {
  const page = columns * Math.max(1, Math.floor(height / cellHeight));
  const steps: Readonly<Record<string, number>> = {
    ArrowLeft: -1,
    ArrowRight: 1,
    ArrowUp: -columns,
    ArrowDown: columns,
    PageUp: -page,
    PageDown: page,
  };
  if (key === "Home") return 0;
  if (key === "End") return count - 1;
  const step = steps[key];
  if (step === undefined) return undefined;
  const to = position + step;
  // A step of rows stays in its column.
  if (to < 0) return Math.abs(step) === 1 ? 0 : position % columns;
  if (to < count) return to;
  const last = count - 1;
  if (Math.abs(step) === 1) return last;
  const sameColumn = last - ((last - position) % columns);
  return Math.max(position, sameColumn);
}
