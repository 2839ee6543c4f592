/** Reads and writes the manifest: a CSV table with one line per record, in the order of the records. */
import { decodeText } from "../../system/files.ts";
import { fromCsv, linesOfCsv, toCsv } from "../../util/csv.ts";
import { UserError } from "../../util/errors.ts";
import { atOnce } from "../../util/turns.ts";
import type { PatchRow } from "./patch_row.ts";
import { SPLITS, type Split } from "./split_names.ts";

/** The columns in order, each with the pattern that its cells must match. */
const CELLS = {
  id: /./,
  case: /^/,
  x: /^\d{0,9}$/,
  y: /^\d{0,9}$/,
  class: /^[01]$/,
  split: new RegExp(`^(${SPLITS.join("|")})$`),
  width: /^[1-9]\d{0,8}$/,
  height: /^[1-9]\d{0,8}$/,
  source: /./,
};
type Column = keyof typeof CELLS;
type Cells = Record<Column, string>;
const COLUMNS = Object.keys(CELLS) as Column[];

/** Lines read or written at a time. Parsing all 277,524 lines at once would need much more memory than the rows. */
const LINES_AT_A_TIME = 1024;
const LINE_FEED = 10;

/** The table's text in pieces, to be written in order. */
export function* manifestParts(rows: readonly PatchRow[]): Generator<string> {
  yield toCsv(COLUMNS, []);
  for (let start = 0; start < rows.length; start += LINES_AT_A_TIME) {
    const cells = rows.slice(start, start + LINES_AT_A_TIME).map(toCells);
    yield linesOfCsv(cells);
  }
}

/**
 * Reads the rows of a manifest in pieces to save memory. No field contains a line break, because files with such names
 * are left out.
 * @throws UserError if the table is damaged.
 */
export function readManifest(bytes: Buffer, place: string): PatchRow[] {
  return atOnce(manifestSteps(bytes, place));
}

/** Like `readManifest`, as a generator with a piece of the table per step. */
export function* manifestSteps(bytes: Buffer, place: string): Generator<void, PatchRow[]> {
  const headerEnd = bytes.indexOf(LINE_FEED) + 1;
  const header = decodeText(bytes.subarray(0, headerEnd), place);
  const rows: PatchRow[] = [];
  const cases = new Map<string, string>();
  const ids = new Set<string>();
  for (let start = headerEnd; start < bytes.length; ) {
    const end = endOfLines(bytes, start, LINES_AT_A_TIME);
    for (const cells of fromCsv(header + decodeText(bytes.subarray(start, end), place), COLUMNS, place)) {
      const row = toRow(cells, cases, place);
      if (ids.has(row.id))
        throw new UserError("dataset-damaged", `${place} holds the patch ${row.id} twice: prepare the dataset again.`);
      ids.add(row.id);
      rows.push(row);
    }
    start = end;
    yield;
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

/** `cases` holds each case id once, so that rows share one string per case. */
function toRow(cells: Cells, cases: Map<string, string>, place: string): PatchRow {
  const wrong = COLUMNS.find((column) => !CELLS[column].test(cells[column]));
  if (wrong !== undefined) {
    throw new UserError(
      "dataset-damaged",
      `${place} has a damaged row for patch ${cells.id} (${wrong}: ${JSON.stringify(cells[wrong])}): prepare the dataset again.`,
    );
  }
  if (!cases.has(cells.case)) cases.set(cells.case, cells.case);
  return {
    id: cells.id,
    caseId: cases.get(cells.case)!,
    x: cells.x === "" ? undefined : Number(cells.x),
    y: cells.y === "" ? undefined : Number(cells.y),
    label: cells.class === "1" ? 1 : 0,
    split: cells.split as Split,
    width: Number(cells.width),
    height: Number(cells.height),
    source: cells.source,
  };
}
