/** The manifest: a table with a line for every record of a dataset, in the records' order. */

import { fromCsv, toCsv } from "../../util/csv.ts";
import { UserError } from "../../util/errors.ts";
import { SPLITS, type Split } from "./splits.ts";

/** A patch of a dataset. */
export interface PatchRow {
  id: string;
  /** Empty where the source names no cases. */
  caseId: string;
  /** Left and upper edge in slide pixels as the file's name states them; undefined where it does not. */
  x: number | undefined;
  y: number | undefined;
  /** 1 is IDC. */
  label: 0 | 1;
  split: Split;
  /** The picture's size in pixels before it became a record. */
  width: number;
  height: number;
  /** The file's path below the source's root. */
  source: string;
}

const COLUMNS = ["id", "case", "x", "y", "class", "split", "width", "height", "source"] as const;

/** Lines read or written at a time: a table of 277,524 patches as objects of text is much larger than the rows made of it. */
const LINES_AT_A_TIME = 4096;
const LINE_FEED = 10;

/** The table's text in parts, to be written one after the other. */
export function* manifestParts(rows: readonly PatchRow[]): Generator<string> {
  yield toCsv(COLUMNS, []);
  const headerLength = toCsv(COLUMNS, []).length;
  for (let start = 0; start < rows.length; start += LINES_AT_A_TIME) {
    const cells = rows.slice(start, start + LINES_AT_A_TIME).map(toCells);
    yield toCsv(COLUMNS, cells).slice(headerLength);
  }
}

/**
 * The rows of a manifest, read in parts to save memory; no field holds a line end, because such names are left out.
 * @throws UserError where the table is damaged.
 */
export function readManifest(bytes: Buffer, place: string): PatchRow[] {
  const headerEnd = bytes.indexOf(LINE_FEED) + 1;
  const header = bytes.toString("utf8", 0, headerEnd);
  const rows: PatchRow[] = [];
  const cases = new Map<string, string>();
  for (let start = headerEnd; start < bytes.length; ) {
    const end = endOfLines(bytes, start, LINES_AT_A_TIME);
    for (const cells of fromCsv(header + bytes.toString("utf8", start, end), COLUMNS, place)) {
      rows.push(toRow(cells, cases, place));
    }
    start = end;
  }
  return rows;
}

function endOfLines(bytes: Buffer, start: number, lines: number): number {
  let end = start;
  for (let line = 0; line < lines && end < bytes.length; line++) {
    const lineFeed = bytes.indexOf(LINE_FEED, end);
    end = lineFeed < 0 ? bytes.length : lineFeed + 1;
  }
  return end;
}

function toCells(row: PatchRow): (string | number)[] {
  const { id, caseId, x, y, label, split, width, height, source } = row;
  return [id, caseId, x ?? "", y ?? "", label, split, width, height, source];
}

/** `cases` holds each case id once, so that not every row keeps a copy of it. */
function toRow(cells: Record<(typeof COLUMNS)[number], string>, cases: Map<string, string>, place: string): PatchRow {
  const split = SPLITS.find((name) => name === cells.split);
  if (split === undefined || (cells.class !== "0" && cells.class !== "1")) {
    throw new UserError(`${place} has a damaged row for patch ${cells.id}: prepare the dataset again.`);
  }
  if (!cases.has(cells.case)) cases.set(cells.case, cells.case);
  return {
    id: cells.id,
    caseId: cases.get(cells.case)!,
    x: cells.x === "" ? undefined : Number(cells.x),
    y: cells.y === "" ? undefined : Number(cells.y),
    label: cells.class === "1" ? 1 : 0,
    split,
    width: Number(cells.width),
    height: Number(cells.height),
    source: cells.source,
  };
}
