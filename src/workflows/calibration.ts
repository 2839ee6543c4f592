/** The temperature and the threshold that fit probabilities, and a model with them. */
import type { Calibration, ModelCard } from "../artifacts/model_card.ts";
import { withCalibration } from "../artifacts/model_file.ts";
import type { ClassNames } from "../histology/dataset/class_names.ts";
import type { Dataset } from "../histology/dataset/dataset.ts";
import { fitTemperature, scaledProbability } from "../metrics/calibration.ts";
import { chooseThreshold, parseThresholdRule } from "../metrics/operating_point.ts";
import { classWords } from "../reports/class_words.ts";
import { UserError } from "../util/errors.ts";

/**
 * Calibrates a model at the end of an epoch, by its probabilities for the validation split.
 * @throws UserError if the split is empty, or lacks a class that the rule needs.
 */
export function calibrateBy(
  bytes: Uint8Array,
  { temperature: before }: Pick<ModelCard, "temperature">,
  { dataset, probabilities, rule }: { dataset: Dataset; probabilities: Float32Array; rule: string },
): Uint8Array {
  const raw = Float64Array.from(probabilities, (probability) => scaledProbability(probability, 1 / before));
  return withCalibration(bytes, calibrationOf(validationLabels(dataset), raw, rule, dataset.classNames));
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

/** @throws UserError if the split is empty. */
export function validationLabels(dataset: Dataset): number[] {
  const rows = dataset.indicesOf("val");
  if (rows.length > 0) return Array.from(rows, (index) => dataset.rows[index]!.label);
  throw new UserError("split-empty", `The validation split of ${dataset.folder} is empty: calibration needs one.`);
}
