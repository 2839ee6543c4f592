/** Makes the model of an epoch, or of the mean of several, and measures it on the validation split. */
import { modelFile } from "../../artifacts/model_file.ts";
import { modelFileOf, openModelFile } from "../../artifacts/open_model.ts";
import { type Arrays, debiasStatistics } from "../../engine/nn/model.ts";
import { openGraph } from "../../engine/runtime/node/session.ts";
import { measureStatistics } from "../../engine/training/measured_statistics.ts";
import type { Dataset } from "../../histology/dataset/dataset.ts";
import { computeMetrics } from "../../metrics/table.ts";
import { classifyRows } from "../classify.ts";
import { statisticsImages } from "./batches.ts";
import { courseOf, modelOf, type TrainingPlan } from "./plan.ts";

/** An uncalibrated model, and its probabilities for the validation split. */
export interface EpochModel {
  readonly file: Uint8Array;
  readonly probabilities: Float32Array;
}

/**
 * The model after an epoch.
 * @param epoch counted from 1
 * @param arrays the engine's state at its end
 * @throws the signal's reason if it is aborted.
 */
export async function epochModel(
  plan: TrainingPlan,
  { epoch, arrays }: { readonly epoch: number; readonly arrays: Arrays },
  signal: AbortSignal,
): Promise<EpochModel> {
  const steps = epoch * courseOf(plan).stepsPerEpoch;
  const debiased = debiasStatistics(modelOf(plan.settings), arrays, steps);
  const final = plan.settings.statistics === "measured" ? await withMeasured(plan, debiased, signal) : debiased;
  return modelWith(plan, { arrays: final, epoch }, signal);
}

/**
 * The model of the mean of the weights after the epochs from `start` to `epoch`. Its normalization statistics are always
 * measured: running statistics belong to the weights of single steps.
 */
export async function meanModel(
  plan: TrainingPlan,
  { start, epoch, arrays }: { readonly start: number; readonly epoch: number; readonly arrays: Arrays },
  signal: AbortSignal,
): Promise<EpochModel> {
  return modelWith(plan, { arrays: await withMeasured(plan, arrays, signal), epoch, mean_from: start }, signal);
}

async function withMeasured(plan: TrainingPlan, arrays: Arrays, signal: AbortSignal): Promise<Arrays> {
  const { dataset, settings } = plan;
  const { seed, threads, device } = settings;
  const images = statisticsImages({ dataset, seed }, signal);
  return measureStatistics(modelOf(settings), arrays, images, { threads, device, openGraph });
}

async function modelWith(
  { settings, dataset }: TrainingPlan,
  { arrays, epoch, mean_from }: { arrays: Arrays; epoch: number; mean_from?: number },
  signal: AbortSignal,
): Promise<EpochModel> {
  const { recipe, seed, threads, device, views } = settings;
  const facts = {
    dataset_sha256: dataset.description.sha256.manifest,
    epoch,
    ...(mean_from === undefined ? {} : { mean_from }),
    seed,
    recipe,
    class_names: dataset.classNames,
    record_side: dataset.side,
  };
  const file = modelFile({ model: modelOf(settings), arrays, views }, facts);
  const opened = await openModelFile(modelFileOf(file, "the trained model"), { threads, device });
  try {
    const { probabilities } = await classifyRows(opened, dataset, dataset.indicesOf("val"), { signal });
    return { file, probabilities };
  } finally {
    await opened.classifier.close();
  }
}

/** Loss, accuracy and AUROC on the validation split, computed with the same file that is kept. */
export function validate(dataset: Dataset, { probabilities }: EpochModel) {
  const labels = Array.from(dataset.indicesOf("val"), (index) => dataset.rows[index]!.label);
  const { log_loss, accuracy, auroc } = computeMetrics(labels, probabilities, 0.5, dataset.classNames);
  return { val_loss: log_loss.value!, val_accuracy: accuracy.value!, val_auroc: auroc.value! };
}
