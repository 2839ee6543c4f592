/**
 * A training and its evaluation on the test split, as a run whose bytes do not depend on which processes fill it: the
 * folds of a cross-validation and the trainings of a sweep.
 */
import { rm } from "node:fs/promises";
import { join } from "node:path";
import * as z from "zod";
import { CHECKPOINT_FILES, RUN_FILES } from "../artifacts/run_files.ts";
import { readRun, writeRun } from "../artifacts/run_folder.ts";
import { evaluateOptions } from "../options/evaluate.ts";
import type { FixedSettings, FREE } from "../options/training/settings.ts";
import { kindOf } from "../system/files.ts";
import type { Context } from "../util/context.ts";
import { silent } from "../util/reporter.ts";
import { evaluate } from "./evaluate.ts";
import { train, trainOptions } from "./train.ts";
import { readResumedRun } from "./training/resume.ts";

/** The settings that may differ between the processes that work at one run. */
export type FreeSettings = Pick<FixedSettings, keyof typeof FREE>;

export interface RunToComplete {
  /** The folder of the dataset, and the new or interrupted run's. */
  readonly dataset: string;
  readonly run: string;
  /** The settings of the training. The run's files name them. */
  readonly settings: FixedSettings;
  /** Settings of this process, on which no byte depends, instead of those in `settings`. */
  readonly free?: Partial<FreeSettings> | undefined;
  /** The dataset's folder as the run's description gives it, if the run does not stay where it is filled. */
  readonly datasetFrom?: string;
}

/**
 * Trains, or goes on from the last checkpoint, and evaluates. Then removes what only a training that goes on needs.
 * @throws UserError like `train` and `evaluate`.
 */
export async function completeRun(given: RunToComplete, context: Context): Promise<void> {
  const { dataset, run, settings, datasetFrom } = given;
  const wanted = { ...settings, ...given.free };
  const status = await statusOf(run, settings);
  if (status === undefined) {
    await rm(run, { recursive: true, force: true });
    await train(trainOptions.parse({ ...wanted, dataset, out: run }), context);
  } else if (status !== "finished") {
    await train(trainOptions.parse({ ...wanted, dataset, resume: run }), context);
  }
  // The evaluation shows the settings, so that they must be those of the work first.
  await describeFor(run, settings, datasetFrom);
  const { device, threads } = wanted;
  await evaluate(evaluateOptions.parse({ model: run, dataset, device, threads }), context);
  // What differs between an interrupted training and an uninterrupted one is not a result.
  for (const file of [...CHECKPOINT_FILES, RUN_FILES.lock]) await rm(join(run, file), { force: true });
}

/** The status of a run with these settings; undefined if no such run can go on. */
async function statusOf(run: string, settings: FixedSettings): Promise<string | undefined> {
  if ((await kindOf(join(run, RUN_FILES.description))) === "nothing") return undefined;
  try {
    await readResumedRun(run, { ...settings, summary: false, overwrite: false }, silent);
    return (await readRun(run, z.object({ status: z.string() }))).status;
  } catch {
    return undefined;
  }
}

/** Writes the settings of the work into a run's description instead of those of the processes that trained it. */
async function describeFor(
  run: string,
  { threads, checkpointEvery }: FixedSettings,
  datasetFrom: string | undefined,
): Promise<void> {
  const described = await readRun(run, z.record(z.string(), z.unknown()));
  const options = { ...(described.options as object), threads, checkpointEvery };
  const moved = datasetFrom === undefined ? {} : { dataset: { ...(described.dataset as object), folder: datasetFrom } };
  await writeRun(run, { ...described, options, ...moved });
}
