/** Reads a finished fold from its folder alone, and checks by hashes that its parts belong together. */
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import * as z from "zod";
import { type CrossvalidationDescription, foldName, placesIn } from "../../artifacts/crossvalidation_folder.ts";
import { type Evaluation, reportSchema } from "../../artifacts/evaluation.ts";
import { EVALUATION_FILES, ownEvaluation, readEvaluation } from "../../artifacts/evaluation_folder.ts";
import { locateModel, readRun } from "../../artifacts/run_folder.ts";
import { type DatasetTable, readTable } from "../../histology/dataset/dataset.ts";
import type { FixedSettings } from "../../options/training/settings.ts";
import { kindOf, sha256OfFile } from "../../system/files.ts";
import { UserError } from "../../util/errors.ts";
import { silent } from "../../util/reporter.ts";
import { readResumedRun } from "../training/resume.ts";

/** The fields that are read from the report of a fold's evaluation. */
const foldSchema = reportSchema.extend({
  model_sha256: z.string(),
  calibration: z.object({ temperature: z.number() }),
});

/** The predictions for a fold's test cases, and the data of its model. */
export type FoldEvaluation = Evaluation<z.output<typeof foldSchema>>;

export interface FinishedFold {
  /** The whole dataset without its records, with the fold's split. */
  readonly fold: DatasetTable;
  readonly evaluation: FoldEvaluation;
}

/** What a fold must have been made from. */
export interface FoldOrigin {
  readonly settings: FixedSettings;
  /** The SHA-256 of the records, and of the fold's manifest if it is known. */
  readonly patches: string;
  readonly manifest?: string | undefined;
  /** The names of the cases that the fold tests, if they are known. */
  readonly cases?: readonly string[];
}

/**
 * Reads a finished fold.
 * @returns undefined if there is no folder, or an empty one
 * @throws UserError if the folder holds anything but this fold, complete and undamaged.
 */
export async function readFinishedFold(
  place: string,
  { settings, ...origin }: FoldOrigin,
  signal: AbortSignal,
): Promise<FinishedFold | undefined> {
  if ((await kindOf(place)) === "nothing" || (await isEmpty(place))) return undefined;
  const { dataset, run } = placesIn(place);
  const fold = await readTable(dataset, signal);
  requireOrigin(place, fold, origin);
  const resumed = await readResumedRun(run, { ...settings, summary: false, overwrite: false }, silent);
  resumed.requireSameDataset(fold);
  const { status } = await readRun(run, z.object({ status: z.string() }));
  if (status !== "finished") throw foreign(place, `its training is ${status}`);
  const evaluation = await readOwnEvaluation(run, signal);
  if (evaluation.report.dataset.sha256 !== fold.description.sha256.manifest)
    throw foreign(place, "its evaluation is of another dataset");
  return { fold, evaluation };
}

/**
 * Reads the finished folds of a cross-validation.
 * @returns the names of the others in `unfinished`
 * @throws UserError like `readFinishedFold`.
 */
export async function readFinishedFolds(
  folder: string,
  { dataset, options: settings, folds }: CrossvalidationDescription,
  signal: AbortSignal,
): Promise<{ done: FinishedFold[]; unfinished: string[] }> {
  const done: FinishedFold[] = [];
  const unfinished: string[] = [];
  for (const [place, cases] of folds.entries()) {
    signal.throwIfAborted();
    const name = foldName(place);
    const origin = { settings, patches: dataset.sha256.patches, cases };
    const found = await readFinishedFold(join(folder, name), origin, signal);
    if (found) done.push(found);
    else unfinished.push(name);
  }
  return { done, unfinished };
}

const isEmpty = async (place: string): Promise<boolean> =>
  (await kindOf(place)) === "folder" && (await readdir(place)).length === 0;

function foreign(place: string, why: string): UserError {
  return new UserError(
    "output-mismatch",
    `${place} is not a finished fold of this cross-validation (${why}): remove this folder, and do the fold again.`,
  );
}

function requireOrigin(
  place: string,
  { rows, description: { sha256 } }: DatasetTable,
  { patches, manifest, cases }: Omit<FoldOrigin, "settings">,
): void {
  if (sha256.patches !== patches) throw foreign(place, "its patches are others");
  if (manifest !== undefined && sha256.manifest !== manifest) throw foreign(place, "its manifest is another one");
  if (cases === undefined) return;
  const own = new Set(rows.flatMap(({ split, caseId }) => (split === "test" ? [caseId] : [])));
  if (own.size !== cases.length || !cases.every((name) => own.has(name))) throw foreign(place, "it tests other cases");
}

/** @throws UserError if the run's current model has no evaluation. */
async function readOwnEvaluation(run: string, signal: AbortSignal): Promise<FoldEvaluation> {
  const again = 'evaluate it again with "cancernet evaluate"';
  if ((await kindOf(join(run, ownEvaluation("test"), EVALUATION_FILES.report))) !== "file")
    throw new UserError("evaluation-missing", `The run ${run} has no evaluation on its test split: ${again}.`);
  const evaluation = await readEvaluation(run, "test", foldSchema, signal);
  const { modelPath } = await locateModel(run);
  if (evaluation.report.model_sha256 === (await sha256OfFile(modelPath))) return evaluation;
  throw new UserError("evaluation-mismatch", `The evaluation of ${run} is of another model than the run's: ${again}.`);
}
