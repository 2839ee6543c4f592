/** What the studio's routes compute of a dataset's rows and records: cases, records by name, average colours. */
import type { Dataset } from "../../../histology/dataset/dataset.ts";
import type { PatchRow } from "../../../histology/dataset/patch_row.ts";
import type { CaseFacts } from "../../api/datasets.ts";

/** Columns over the records of a dataset. */
export interface PatchColumns {
  /** In the order of their names. */
  readonly cases: readonly CaseFacts[];
  /** The index in `cases` of each record. */
  readonly caseOf: Uint32Array;
  /** The records of each case, ascending. */
  readonly recordsOf: readonly (readonly number[])[];
}

export function patchColumns(rows: readonly PatchRow[]): PatchColumns {
  const byCase = Map.groupBy(rows.keys(), (record) => rows[record]!.caseId);
  const names = [...byCase.keys()].sort((a, b) => a.localeCompare(b, "en", { numeric: true }));
  const caseOf = new Uint32Array(rows.length);
  for (const [index, name] of names.entries()) for (const record of byCase.get(name)!) caseOf[record] = index;
  const cases = names.map((name) => caseFacts(name, byCase.get(name)!, rows));
  return { cases, caseOf, recordsOf: names.map((name) => byCase.get(name)!) };
}

function caseFacts(name: string, records: readonly number[], rows: readonly PatchRow[]): CaseFacts {
  const splits = new Set(records.map((record) => rows[record]!.split));
  const positive = records.filter((record) => rows[record]!.label === 1).length;
  const split = splits.size === 1 ? [...splits][0]! : null;
  return { case: name, split, patches: records.length, negative: records.length - positive, positive };
}

/** Pixels per side of the grid of pixels that an average is taken of. */
const SAMPLES = 7;

/** The average colour of each record, uint8 [n, 3], from 49 pixels of it. A step per record. */
export function* averageColours({ rows, side, recordBytes, read }: Dataset): Generator<void, Uint8Array<ArrayBuffer>> {
  const colours = new Uint8Array(rows.length * 3);
  const record = new Uint8Array(recordBytes);
  const places = Array.from({ length: SAMPLES }, (_, index) => Math.floor(((index + 0.5) * side) / SAMPLES));
  const starts = places.flatMap((y) => places.map((x) => (y * side + x) * 3));
  for (const index of rows.keys()) {
    read(index, record, 0);
    let [red, green, blue] = [0, 0, 0];
    for (const start of starts) {
      red += record[start]!;
      green += record[start + 1]!;
      blue += record[start + 2]!;
    }
    colours.set([red / starts.length, green / starts.length, blue / starts.length], 3 * index);
    yield;
  }
  return colours;
}
