/** The command "train": trains a model on a dataset and writes a run folder, or resumes a run. */
import { dirname } from "node:path";
import type * as z from "zod";
import { RUN_FILES } from "../artifacts/run_files.ts";
import { readRun, runSchema } from "../artifacts/run_folder.ts";
import { type ModelSummary, summarize } from "../engine/nn/model.ts";
import { type Dataset, withDataset } from "../histology/dataset/dataset.ts";
import { RECORD_SIZE_PIXELS } from "../histology/dataset/record.ts";
import { checkedOptions } from "../options/checked_options.ts";
import { type CheckedTrainOptions as Checked, trainOptions } from "../options/training/options.ts";
import { newSettings, type TrainingSettings } from "../options/training/settings.ts";
import type { TrainResult } from "../reports/training/report.ts";
import { makeFolders } from "../system/files.ts";
import { withRunLock } from "../system/folder_lock.ts";
import { removeAllLeftovers } from "../system/leftovers.ts";
import { createOutputFolder, requireFreeFolder, requireOnly } from "../system/output_folder.ts";
import type { Context } from "../util/context.ts";
import { UserError } from "../util/errors.ts";
import { chooseDevice } from "./device/choice.ts";
import { requireBothClasses } from "./training/both_classes.ts";
import { chooseWhatRuns, modelOf, plotPathOf, type TrainingPlan, trialOf } from "./training/plan.ts";
import { claimPlot, requirePlot } from "./training/plot_file.ts";
import { readResumedRun } from "./training/resume.ts";
import { runTraining } from "./training/run.ts";

export { trainOptions };
export type TrainOptions = z.input<typeof trainOptions>;

export type { ModelSummary, TrainResult };

/**
 * Trains a model, and keeps the weights that the setting `keep` names, and the last epoch. With `summary` it only
 * returns the model's layers.
 * @throws UserError if the dataset, the folder or the run to resume is not usable, or if the training diverges.
 */
export async function train(given: TrainOptions & { summary?: false }, context: Context): Promise<TrainResult>;
export async function train(given: TrainOptions, context: Context): Promise<TrainResult | ModelSummary>;
export async function train(given: TrainOptions, context: Context): Promise<TrainResult | ModelSummary> {
  const options = checkedOptions(trainOptions, given);
  if (options.summary) {
    const side = options.dataset === undefined ? RECORD_SIZE_PIXELS : await sideOf(options.dataset, context);
    return summarize(modelOf(newSettings(options, side)));
  }
  return options.resume === undefined ? startRun(options, context) : resumeRun(options.resume, options, context);
}

async function startRun(options: Checked, context: Context): Promise<TrainResult> {
  const { dataset: place, out: folder } = options;
  if (place === undefined)
    throw new UserError("option-missing", "<dataset> is required: name the folder of a prepared dataset.");
  if (folder === undefined) throw new UserError("option-missing", "--out is required: name a new folder for the run.");
  return withTrainable(place, context, async (dataset) => {
    await requireFreeFolder(folder, "--out", RUN_FILES.lock);
    await requirePlot(options, { folder, datasetFolder: place }, context);
    const settings = newSettings(options, dataset.side);
    warnOfEnlarging(settings, dataset, context);
    const draft = { settings, folder, dataset, plot: options.plot };
    const plan = { ...draft, ...(await chooseWhatRuns(draft, context)) };
    await createOutputFolder(folder, "--out", RUN_FILES.lock);
    return withRunLock(folder, RUN_FILES.lock, async () => {
      await requireOnly(folder, RUN_FILES.lock);
      await claimPlot(options, plan);
      return fill(plan, context);
    });
  });
}

async function resumeRun(folder: string, options: Checked, context: Context): Promise<TrainResult> {
  await readRun(folder, runSchema);
  return withRunLock(folder, RUN_FILES.lock, async () => {
    const { settings, reasons, plot, datasetFolder, ...run } = await readResumedRun(folder, options, context.reporter);
    return withTrainable(datasetFolder, context, async (dataset) => {
      run.requireSameDataset(dataset);
      const isNew = plot !== run.plotSoFar;
      if (isNew) await requirePlot(options, { folder, datasetFolder }, context);
      const plan = { settings, reasons, folder, dataset, plot };
      await chooseDevice({ wanted: settings.device, open: async () => trialOf(plan), signal: context.signal });
      if (isNew) await claimPlot(options, plan);
      return fill(plan, context);
    });
  });
}

async function fill(plan: TrainingPlan, context: Context): Promise<TrainResult> {
  await removeAllLeftovers(plan.folder);
  await makeFolders(dirname(plotPathOf(plan)));
  return runTraining(plan, context);
}

function withTrainable<T>(folder: string, { signal }: Context, work: (dataset: Dataset) => Promise<T>): Promise<T> {
  return withDataset(folder, signal, (dataset) => {
    requireBothClasses(dataset, "training");
    return work(dataset);
  });
}

const sideOf = (folder: string, { signal }: Context): Promise<number> =>
  withDataset(folder, signal, async ({ side }) => side);

function warnOfEnlarging({ inputSize }: TrainingSettings, { side }: Dataset, { reporter }: Context): void {
  if (inputSize <= side) return;
  reporter.warn(
    `The network sees ${inputSize} x ${inputSize} pixels (--input-size), but a patch has ${side} x ${side}: patches are enlarged, which adds no detail.`,
  );
}
