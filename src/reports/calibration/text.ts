/** The results of the commands "calibrate" and "add-context" as lines of text. */
import type { Calibration } from "../../artifacts/model_card.ts";
import { fixed } from "../../util/numbers.ts";
import type { AddContextResult, CalibrateResult } from "./report.ts";
import { calibratedOnWords } from "./words.ts";

export function calibrateLines({ model, notice, ...result }: CalibrateResult): string[] {
  return [calibrationLine(result, result), `The calibrated model is ${model}. ${notice}`];
}

export function addContextLines({ model, neighbourhood, calibration, notice, ...origin }: AddContextResult): string[] {
  const { reach, weights } = neighbourhood;
  const side = 2 * reach + 1;
  // Each ring has two weights: that of its mean log odds, then that of the share of it that is missing.
  const rings = weights.filter((_, index) => index % 2 === 1).map((weight) => fixed(weight, 3));
  return [
    `Own weight ${fixed(weights[0]!, 3)}; weights of the ${side} x ${side} neighbours, from near to far: ${rings.join(", ")}.`,
    calibrationLine(calibration, origin),
    `The model is ${model}. ${notice}`,
  ];
}

const calibrationLine = (
  calibration: Calibration,
  { dataset, crossvalidation }: Pick<CalibrateResult, "dataset" | "crossvalidation">,
): string =>
  `Temperature ${calibration.temperature.toFixed(4)}, threshold ${calibration.threshold.toFixed(4)} (${calibration.threshold_rule}), ` +
  `from ${dataset === null ? "" : `${calibratedOnWords(calibration)} of `}${dataset ?? `the cross-validation ${crossvalidation}`}.`;
