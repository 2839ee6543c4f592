/** A stroke of the brush: the cells of a slide's grid under a line, and the entries that it makes. */
import type { CorrectionLabel } from "../../../../../artifacts/corrections/entries.ts";
import { type Grid, nearestCell } from "../../../../../histology/slide/grid.ts";
import type { BrushFacts } from "../../../../api/corrections.ts";
import type { NewCorrection } from "../../../corrections/waiting.ts";

/** A place on the slide, in pixels of level 0. */
export interface SlidePoint {
  readonly x: number;
  readonly y: number;
}

/** A cell by its column and row. */
export interface GridCell {
  readonly column: number;
  readonly row: number;
}

/** The cell whose square contains a place; the cell at the edge for a place outside. */
export function cellAt(grid: Grid, { x, y }: SlidePoint): GridCell {
  return {
    column: nearestCell(x / grid.scale, grid, grid.columns),
    row: nearestCell(y / grid.scale, grid, grid.rows),
  };
}

/** Whether a place is on the slide. */
export const isOnSlide = ({ width, height, scale }: Grid, { x, y }: SlidePoint): boolean =>
  x >= 0 && y >= 0 && x < width * scale && y < height * scale;

/** The cells under the line between two places, without those outside of the slide. */
export function cellsBetween(grid: Grid, from: SlidePoint, to: SlidePoint): GridCell[] {
  // Half a cell at a time leaves out none but corners that the line only touches.
  const step = (grid.stride * grid.scale) / 2;
  const steps = Math.max(1, Math.ceil(Math.hypot(to.x - from.x, to.y - from.y) / step));
  const cells = new Map<string, GridCell>();
  for (let at = 0; at <= steps; at++) {
    const point = { x: from.x + ((to.x - from.x) * at) / steps, y: from.y + ((to.y - from.y) * at) / steps };
    if (!isOnSlide(grid, point)) continue;
    const cell = cellAt(grid, point);
    cells.set(cellKey(cell), cell);
  }
  return [...cells.values()];
}

export const cellKey = ({ column, row }: GridCell): string => `${column},${row}`;

/** The upper left corner of a cell's patch in model pixels. */
export const cornerOfCell = ({ stride }: Grid, { column, row }: GridCell): readonly [number, number] => [
  column * stride,
  row * stride,
];

/** What is painted, and where. */
export interface BrushTarget {
  /** The id of the slide. */
  readonly slide: string;
  readonly case: string;
  readonly grid: Grid;
  readonly facts: BrushFacts;
}

/**
 * The entries of a stroke: patches that the dataset has are corrected there, the others become patches of the slide.
 * @param label null erases
 */
export function strokeEntries(
  cells: readonly GridCell[],
  label: CorrectionLabel | null,
  { slide, case: caseId, grid, facts }: BrushTarget,
): NewCorrection[] {
  const records = new Map(facts.places.map(([x, y, record]) => [`${x},${y}`, record]));
  const known: number[] = [];
  const others: [number, number][] = [];
  for (const cell of cells) {
    const [x, y] = cornerOfCell(grid, cell);
    const record = records.get(`${x},${y}`);
    if (record === undefined) others.push([x, y]);
    else known.push(record);
  }
  const { scale, side } = grid;
  return [
    ...(known.length > 0 ? [{ kind: "set" as const, records: known, label }] : []),
    ...(others.length > 0 ? [{ kind: "slide" as const, slide, case: caseId, scale, side, cells: others, label }] : []),
  ];
}

/** The labels that are painted, by `cellKey`: those of the dataset's patches and those of the slide. */
export function paintedCells(
  { grid: { stride }, facts: { places, cells } }: BrushTarget,
  labelOf: (record: number) => CorrectionLabel | null,
): Map<string, CorrectionLabel> {
  const painted = new Map<string, CorrectionLabel>();
  const put = (x: number, y: number, label: CorrectionLabel | null) => {
    if (label !== null && x % stride === 0 && y % stride === 0) painted.set(`${x / stride},${y / stride}`, label);
  };
  for (const [x, y, label] of cells) put(x, y, label);
  for (const [x, y, record] of places) put(x, y, labelOf(record));
  return painted;
}
