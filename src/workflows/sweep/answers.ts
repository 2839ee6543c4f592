/** Reads what a sweep's rows answer, from their folders alone, as arrays in one order of patches. */

import { join } from "node:path";
import { foldName } from "../../artifacts/crossvalidation_folder.ts";
import { EVALUATION_FILES } from "../../artifacts/evaluation_folder.ts";
import { byCodeUnits } from "../../histology/dataset/plan.ts";
import { csvRows } from "../../system/csv_stream.ts";
import { kindOf } from "../../system/files.ts";
import { readWork } from "../../units/description.ts";
import { failureOf } from "../../units/failures.ts";
import { folderResults } from "../../units/folder_results.ts";
import type { Context } from "../../util/context.ts";
import { UserError } from "../../util/errors.ts";
import { silent } from "../../util/reporter.ts";
import { gatherCrossvalidation } from "../crossvalidation/gather.ts";
import { type Sweep, type SweepRow, settingsOfWork } from "./describe.ts";
import { readFinishedRun } from "./run_unit.ts";

/** The patches that every row answers, sorted by id. */
export interface SweptPatches {
  readonly ids: readonly string[];
  readonly labels: Uint8Array;
  readonly cases: readonly string[];
}

/** The answers of a row, in the order of the patches. */
export interface RowAnswers {
  readonly probabilities: Float64Array;
  /** 1 if the patch is called IDC at the threshold of its model. */
  readonly calls: Uint8Array;
}

/** A patch as a row answers it. */
interface Answer {
  readonly case: string;
  readonly label: number;
  readonly probability: number;
  readonly call: number;
}

/** What became of a row. */
export type RowState =
  | { readonly status: "done"; readonly answers: ReadonlyMap<string, Answer> }
  | { readonly status: "failed"; readonly error: string }
  | { readonly status: "unfinished"; readonly units: readonly string[] };

/**
 * Reads a row. A cross-validation gets its own report if all of its folds are done.
 * @throws UserError if a folder is damaged, or holds something else.
 */
export async function readRow(folder: string, sweep: Sweep, row: SweepRow, context: Context): Promise<RowState> {
  const missing: string[] = [];
  const errors: string[] = [];
  for (const { name, fold } of row.units) {
    if ((await kindOf(join(folder, name))) === "folder") continue;
    const error = await failureOf(folderResults(folder), name);
    if (error === undefined) missing.push(name);
    else errors.push(fold === undefined ? error : `${foldName(fold - 1)}: ${error}`);
  }
  if (errors.length > 0) return { status: "failed", error: errors.join(" ") };
  if (missing.length > 0) return { status: "unfinished", units: missing };
  const { facts } = sweep;
  const own = join(folder, row.name);
  if (facts.folds !== undefined) {
    await gatherCrossvalidation(folderResults(own), (await readWork(folderResults(own)))!, {
      ...context,
      reporter: silent,
    });
    return { status: "done", answers: await pooledAnswers(join(own, EVALUATION_FILES.predictions), context.signal) };
  }
  const sha256 = { manifest: facts.dataset_sha256, patches: facts.records_sha256 };
  const settings = settingsOfWork(row.units[0]!, sweep);
  const evaluation = await readFinishedRun(own, { settings, sha256 }, context.signal);
  if (evaluation === undefined) return { status: "unfinished", units: [row.name] };
  const { threshold } = evaluation.report;
  const answers = [...evaluation.answers].map(
    ([id, answer]) => [id, { ...answer, call: answer.probability >= threshold ? 1 : 0 }] as const,
  );
  return { status: "done", answers: new Map(answers) };
}

const COLUMNS = ["id", "case", "label", "probability", "predicted"] as const;

/** The predictions that the cross-validation's report was just written with. */
async function pooledAnswers(path: string, signal: AbortSignal): Promise<Map<string, Answer>> {
  const answers = new Map<string, Answer>();
  for await (const row of csvRows(path, { columns: COLUMNS, what: "the predictions", signal })) {
    const numbers = { label: Number(row.label), probability: Number(row.probability), call: Number(row.predicted) };
    answers.set(row.id, { case: row.case, ...numbers });
  }
  return answers;
}

export function testedPatchesOf(answers: ReadonlyMap<string, Answer>): SweptPatches {
  const ids = [...answers.keys()].sort(byCodeUnits);
  return {
    ids,
    labels: Uint8Array.from(ids, (id) => answers.get(id)!.label),
    cases: ids.map((id) => answers.get(id)!.case),
  };
}

/** @throws UserError if the row does not answer exactly these patches. */
export function answersIn(
  { ids, labels, cases }: SweptPatches,
  answers: ReadonlyMap<string, Answer>,
  place: string,
): RowAnswers {
  const isSame = (id: string, index: number) =>
    answers.get(id)?.label === labels[index] && answers.get(id)?.case === cases[index];
  if (answers.size !== ids.length || !ids.every(isSame)) {
    throw new UserError(
      "evaluation-mismatch",
      `${place} is not an evaluation of the same patches as the other rows: remove this folder, and give the same command again.`,
    );
  }
  return {
    probabilities: Float64Array.from(ids, (id) => answers.get(id)!.probability),
    calls: Uint8Array.from(ids, (id) => answers.get(id)!.call),
  };
}
