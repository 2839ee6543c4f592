/**
 * One fold: creates its dataset, its training and its evaluation, resumes what is unfinished and keeps what is
 * finished.
 */
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { type Evaluation, reportSchema } from "../../artifacts/evaluation.ts";
import { EVALUATION_FILES, ownEvaluation, readEvaluation } from "../../artifacts/evaluation_folder.ts";
import { RUN_FILES } from "../../artifacts/run_files.ts";
import { locateModel, readRun } from "../../artifacts/run_folder.ts";
import type { Dataset } from "../../histology/dataset/dataset.ts";
import { writeFold } from "../../histology/dataset/folds.ts";
import { evaluateOptions } from "../../options/evaluate.ts";
import type { FixedSettings } from "../../options/training/settings.ts";
import { kindOf, sha256OfFile } from "../../system/files.ts";
import { SOFTWARE } from "../../system/version.ts";
import type { Context } from "../../util/context.ts";
import { silent } from "../../util/reporter.ts";
import { evaluate } from "../evaluate.ts";
import { train, trainOptions } from "../train.ts";
import { readResumedRun } from "../training/resume.ts";

/** The fields that are read from the report of a fold's evaluation. */
const foldSchema = reportSchema.extend({
  model_sha256: z.string(),
  calibration: z.object({ temperature: z.number() }),
});

/** The predictions for a fold's test cases, and the data of its model. */
export type FoldEvaluation = Evaluation<z.output<typeof foldSchema>>;

export interface FoldWork {
  /** The whole dataset, with the fold's split. */
  readonly fold: Dataset;
  readonly places: { readonly dataset: string; readonly run: string };
  readonly settings: FixedSettings;
}

/**
 * Completes a fold. A training resumes from its last checkpoint; finished parts stay unchanged.
 * @throws UserError like `train` and `evaluate`.
 */
export async function finishFold({ fold, places, settings }: FoldWork, context: Context): Promise<FoldEvaluation> {
  const { run } = places;
  await writeFold(fold, places.dataset, SOFTWARE, context.signal);
  context.signal.throwIfAborted();
  if ((await kindOf(join(run, RUN_FILES.description))) === "nothing") {
    // Without a description nothing was trained: a process that was killed at the start leaves only a lock file.
    await rm(run, { recursive: true, force: true });
    await train(trainOptions.parse({ ...settings, dataset: places.dataset, out: run }), context);
  } else if (await isFinished(run)) {
    await readResumedRun(run, { ...settings, summary: false, overwrite: false }, silent);
  } else {
    await train(trainOptions.parse({ ...settings, dataset: places.dataset, resume: run }), context);
  }
  const known = await readOwnEvaluation(run);
  if (known) return known;
  const { device, threads } = settings;
  await evaluate(evaluateOptions.parse({ model: run, dataset: places.dataset, device, threads }), context);
  return (await readOwnEvaluation(run))!;
}

async function isFinished(run: string): Promise<boolean> {
  const { status } = await readRun(run, z.object({ status: z.string() }));
  return status === "finished";
}

/** The evaluation of the run's current model; undefined if there is none. */
async function readOwnEvaluation(run: string): Promise<FoldEvaluation | undefined> {
  if ((await kindOf(join(run, ownEvaluation("test"), EVALUATION_FILES.report))) === "nothing") return undefined;
  const evaluation = await readEvaluation(run, "test", foldSchema);
  const { modelPath } = await locateModel(run);
  return evaluation.report.model_sha256 === (await sha256OfFile(modelPath)) ? evaluation : undefined;
}
