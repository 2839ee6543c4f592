/** The verb "train": a dataset in, a run folder with the trained model out; or a run that goes on. */
import { mkdir } from "node:fs/promises";
import { dirname } from "node:path";
import { MODELS } from "../engine/models/table.ts";
import { type ModelDescription, summarize } from "../engine/nn/model.ts";
import type { DeviceName } from "../engine/runtime/devices.ts";
import { type Dataset, withDataset } from "../histology/dataset/dataset.ts";
import { UserError } from "../util/errors.ts";
import { createOutputFolder, removeTemporaryFiles, requireFreeFolder, requireWritableFile } from "../util/files.ts";
import { counted, whole } from "../util/numbers.ts";
import { tableLines } from "../util/table.ts";
import type { Context } from "./context.ts";
import { chooseDevice } from "./device/choice.ts";
import { type EpochRow, RUN_FILES, readRun, runSchema } from "./run_folder.ts";
import { requireBothClasses } from "./training/both_classes.ts";
import { runTraining } from "./training/course.ts";
import { newSettings, type TrainOptions, wantedOf } from "./training/options.ts";
import { chooseWhatRuns, plotPathOf, type TrainingPlan, trialOf } from "./training/plan.ts";
import { readResumedRun } from "./training/resume.ts";
import { withRunLock } from "./training/run_lock.ts";

export { type TrainOptions, trainOptions } from "./training/options.ts";

export interface TrainResult {
  /** The run's folder. */
  folder: string;
  history: readonly EpochRow[];
}

/**
 * Trains a model and keeps its best epoch by AUROC on val, and the last one.
 * @throws UserError where the dataset, the folder or the run to go on with does not allow it, or the training diverges.
 */
export async function train(options: TrainOptions, context: Context): Promise<TrainResult | undefined> {
  if (options.summary) {
    printSummary(MODELS[newSettings(options).modelName], context);
    return undefined;
  }
  return options.resume === undefined ? startRun(options, context) : resumeRun(options.resume, options, context);
}

async function startRun(options: TrainOptions, context: Context): Promise<TrainResult> {
  const { dataset: place, out: folder } = options;
  if (place === undefined) throw new UserError("<dataset> is required: name the folder of a prepared dataset.");
  if (folder === undefined) throw new UserError("--out is required: name a new folder for the run.");
  return withTrainable(place, async (dataset) => {
    await requireFreeFolder(folder);
    if (options.plot !== undefined) await requireWritableFile(options.plot, "--plot");
    const draft = { ...newSettings(options), folder, dataset };
    const plan = { ...draft, ...(await chooseWhatRuns(draft, wantedOf(options), context)) };
    await createOutputFolder(folder);
    return withRunLock(folder, RUN_FILES.lock, () => fill(plan, context));
  });
}

async function resumeRun(folder: string, options: TrainOptions, context: Context): Promise<TrainResult> {
  await readRun(folder, runSchema);
  if (options.plot !== undefined) await requireWritableFile(options.plot, "--plot");
  return withRunLock(folder, RUN_FILES.lock, async () => {
    const { settings, device, engine, datasetFolder, ...run } = await readResumedRun(folder, options, context.reporter);
    return withTrainable(datasetFolder, async (dataset) => {
      run.requireSameDataset(dataset);
      const plan = { ...settings, folder, dataset, device, engine };
      const open = async (name: DeviceName) => trialOf(plan, name);
      await chooseDevice({ wanted: device.device, open, signal: context.signal });
      return fill(plan, context);
    });
  });
}

async function fill(plan: TrainingPlan, context: Context): Promise<TrainResult> {
  await removeTemporaryFiles(plan.folder);
  await mkdir(dirname(plotPathOf(plan)), { recursive: true });
  return { folder: plan.folder, history: await runTraining(plan, context) };
}

function withTrainable<T>(folder: string, work: (dataset: Dataset) => Promise<T>): Promise<T> {
  return withDataset(folder, (dataset) => {
    requireBothClasses(dataset, "training");
    return work(dataset);
  });
}

function printSummary(model: ModelDescription, { reporter }: Context): void {
  const { rows, total, trainable } = summarize(model);
  reporter.info(`${model.name}: ${model.source}`);
  for (const line of tableLines(["layer", "kind", "output", "parameters"], rows)) reporter.info(line);
  reporter.info(`${counted(total, "parameter")}, ${whole(trainable)} trainable, ${whole(total - trainable)} not.`);
}
