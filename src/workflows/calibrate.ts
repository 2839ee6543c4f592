/** The command "calibrate": fits the temperature and the threshold of a trained model. */
import type { Calibration, ModelCard } from "../artifacts/model_card.ts";
import { withCalibration } from "../artifacts/model_file.ts";
import { type ModelFile, openModelFile } from "../artifacts/open_model.ts";
import type { SessionOptions } from "../engine/runtime/session.ts";
import type { ClassNames } from "../histology/dataset/class_names.ts";
import type { Dataset } from "../histology/dataset/dataset.ts";
import { fitTemperature, scaledProbability } from "../metrics/calibration.ts";
import { chooseThreshold, parseThresholdRule } from "../metrics/operating_point.ts";
import { type CalibrateOptions, calibrateOptions } from "../options/calibrate.ts";
import { checkedOptions } from "../options/checked_options.ts";
import type { CalibrateResult } from "../reports/calibration/report.ts";
import { classWords } from "../reports/class_words.ts";
import type { Context } from "../util/context.ts";
import { UserError } from "../util/errors.ts";
import { classifyRows } from "./classify.ts";
import { deriveModel } from "./derive_model.ts";

/**
 * Fits a model's temperature and chooses its threshold on the validation split. Writes the calibrated model to a new
 * file.
 * @throws UserError if the model, the dataset or the output file is not usable.
 */
export async function calibrate(given: CalibrateOptions, context: Context): Promise<CalibrateResult> {
  const options = checkedOptions(calibrateOptions, given);
  const { signal } = context;
  return deriveModel(options, context, async ({ model, dataset, session }) => {
    const { file, calibration } = await calibrateOn(dataset, model, { rule: options.threshold, session, signal });
    return { file, result: calibration };
  });
}

/**
 * Calibrates a model file on a dataset's validation split: chooses the temperature with the lowest log loss, then
 * applies the threshold rule to the scaled probabilities. Replaces any existing calibration.
 * @throws UserError if the validation split is empty or lacks a class that the rule needs, if the model has other class
 *   names, or if the model cannot be run.
 */
export async function calibrateOn(
  dataset: Dataset,
  file: ModelFile,
  { rule, session, signal }: { rule: string; session: SessionOptions; signal: AbortSignal },
): Promise<{ file: Uint8Array; calibration: Calibration }> {
  const model = await openModelFile(file, session);
  try {
    const { probabilities } = await classifyRows(model, dataset, dataset.indicesOf("val"), { signal });
    return calibrateBy(file.bytes, file.card, { dataset, probabilities, rule });
  } finally {
    await model.classifier.close();
  }
}

/** Like `calibrateOn`, for probabilities of the validation split that are already computed. */
export function calibrateBy(
  bytes: Uint8Array,
  { temperature: before, neighbourhood }: Pick<ModelCard, "temperature" | "neighbourhood">,
  { dataset, probabilities, rule }: { dataset: Dataset; probabilities: Float32Array; rule: string },
): { file: Uint8Array; calibration: Calibration } {
  const rows = dataset.indicesOf("val");
  if (rows.length === 0)
    throw new UserError("split-empty", `The validation split of ${dataset.folder} is empty: calibration needs one.`);
  const labels = Array.from(rows, (index) => dataset.rows[index]!.label);
  const raw = Float64Array.from(probabilities, (probability) => scaledProbability(probability, 1 / before));
  const calibration = calibrationOf(labels, raw, rule, dataset.classNames);
  return { file: withCalibration(bytes, { ...calibration, neighbourhood }), calibration };
}

/**
 * The calibration that fits these uncalibrated probabilities.
 * @throws UserError if a class that the rule needs is missing.
 */
export function calibrationOf(
  labels: readonly number[],
  raw: Float64Array,
  rule: string,
  classNames: ClassNames,
): Calibration {
  const temperature = fitTemperature(labels, raw);
  const scaled = raw.map((probability) => scaledProbability(probability, temperature));
  const threshold = chooseThreshold(labels, scaled, parseThresholdRule(rule), classWords(classNames));
  return { temperature, threshold, threshold_rule: rule };
}
