/** The patches that pass a filter, in an order. */
import type { CorrectedPatch } from "../../../artifacts/corrections/replay.ts";
import type { PatchRow } from "../../../histology/dataset/patch_row.ts";
import { UserError } from "../../../util/errors.ts";
import type { OrderQuery } from "../../api/datasets.ts";
import { marksNumber, type PatchOrder } from "../../api/patch_order.ts";
import type { OpenDataset } from "./open_datasets.ts";

/** The answers of a model by record. */
export interface RecordAnswers {
  /** NaN if there is none. */
  readonly probabilities: Float64Array;
  /** Whether the model's call differs from the label. */
  readonly isWrong: Uint8Array;
}

/** How suspicious the label of each record is. */
export interface LabelSuspicion {
  /** The most suspicious record has the lowest number; infinite if the model may know the label. */
  readonly keys: Float64Array;
  /** The number of suspected records, which have the keys from 0 to below it. */
  readonly count: number;
}

interface Ordering {
  readonly answers: RecordAnswers | undefined;
  /** Only needed for the order of suspected label errors. */
  readonly suspicion?: LabelSuspicion | undefined;
  readonly corrections: ReadonlyMap<number, CorrectedPatch>;
}

/**
 * The order for a query.
 * @throws UserError if the query needs a model's answers and there are none.
 */
export function patchOrder(
  {
    dataset: { rows },
    caseOf,
    cases,
  }: Pick<OpenDataset, "caseOf" | "cases"> & { dataset: { rows: readonly PatchRow[] } },
  query: OrderQuery,
  { answers, suspicion, corrections }: Ordering,
): PatchOrder {
  requireAnswers(query, answers);
  const wantedCase = query.case === undefined ? -1 : cases.findIndex((one) => one.case === query.case);
  if (query.case !== undefined && wantedCase < 0) {
    throw new UserError("request-invalid", `The dataset has no case "${query.case}": choose another.`);
  }
  const label = query.label === undefined ? undefined : Number(query.label);
  const { from = 0, above = -1, to = 1 } = query;
  const byProbability = query.from !== undefined || query.above !== undefined || query.to !== undefined;
  const isCorrected = (record: number) => (corrections.get(record)?.label ?? null) !== null;
  const records: number[] = [];
  for (const [record, row] of rows.entries()) {
    if (wantedCase >= 0 && caseOf[record] !== wantedCase) continue;
    if (query.split !== undefined && row.split !== query.split) continue;
    if (label !== undefined && row.label !== label) continue;
    if (query.corrected !== undefined && isCorrected(record) !== (query.corrected === "yes")) continue;
    const probability = answers?.probabilities[record] ?? Number.NaN;
    if (byProbability && !(probability >= from && probability > above && probability <= to)) continue;
    if (query.answer !== undefined) {
      if (Number.isNaN(probability) || (answers!.isWrong[record] === 1) !== (query.answer === "wrong")) continue;
    }
    records.push(record);
  }
  if (suspicion) sortByKeys(records, suspicion.keys);
  else if (answers) sortRecords(records, rows, query.sort, answers);
  return columnsOf(records, { rows, caseOf }, { answers, suspicion, corrections });
}

function requireAnswers({ from, above, to, answer, sort }: OrderQuery, answers: RecordAnswers | undefined): void {
  if (answers) return;
  const needs = from !== undefined || above !== undefined || to !== undefined || answer !== undefined;
  if (needs || sort !== "dataset") {
    throw new UserError("request-invalid", "Probabilities need a model that has evaluated this dataset: choose one.");
  }
}

/** Patches without a probability come last; among equals, the dataset's order decides. */
function sortRecords(
  records: number[],
  rows: readonly PatchRow[],
  sort: OrderQuery["sort"],
  { probabilities, isWrong }: RecordAnswers,
): void {
  if (sort === "dataset") return;
  const keys = new Float64Array(rows.length);
  for (const record of records) {
    const probability = probabilities[record]!;
    if (sort === "low") keys[record] = probability;
    else if (sort === "high") keys[record] = -probability;
    else {
      const ofLabel = rows[record]!.label === 1 ? probability : 1 - probability;
      keys[record] = ofLabel + (isWrong[record] === 1 ? 0 : 2);
    }
    if (Number.isNaN(probability)) keys[record] = Number.POSITIVE_INFINITY;
  }
  sortByKeys(records, keys);
}

/** Sorts by the keys of the records; among equals, the dataset's order decides. */
function sortByKeys(records: number[], keys: Float64Array): void {
  records.sort((a, b) => (keys[a] === keys[b] ? a - b : keys[a]! - keys[b]!));
}

function columnsOf(
  list: readonly number[],
  { rows, caseOf }: { rows: readonly PatchRow[]; caseOf: Uint32Array },
  { answers, suspicion, corrections }: Ordering,
): PatchOrder {
  const records = Uint32Array.from(list);
  const probabilities = new Float32Array(list.length).fill(Number.NaN);
  const marks = new Uint16Array(list.length);
  for (const [place, record] of list.entries()) {
    const { label, split } = rows[record]!;
    const correction = corrections.get(record);
    if (answers) probabilities[place] = answers.probabilities[record]!;
    marks[place] = marksNumber({
      label,
      split,
      isWrong: answers?.isWrong[record] === 1,
      isSuspected: suspicion !== undefined && suspicion.keys[record]! < suspicion.count,
      correction: correction?.label ?? null,
      hasNote: (correction?.note ?? null) !== null,
    });
  }
  return { total: rows.length, records, probabilities, cases: records.map((record) => caseOf[record]!), marks };
}
