/** The results of the commands "calibrate" and "add-context" as lines of text. */
import { fixed } from "../../util/numbers.ts";
import type { AddContextResult, CalibrateResult } from "./report.ts";

export function calibrateLines({
  model,
  dataset,
  temperature,
  threshold,
  threshold_rule,
  notice,
}: CalibrateResult): string[] {
  return [
    `Temperature ${temperature.toFixed(4)}, threshold ${threshold.toFixed(4)} (${threshold_rule}), from the validation split of ${dataset}.`,
    `The calibrated model is ${model}. ${notice}`,
  ];
}

export function addContextLines({ model, neighbourhood, calibration, notice }: AddContextResult): string[] {
  const { reach, weights } = neighbourhood;
  const { temperature, threshold, threshold_rule } = calibration;
  const side = 2 * reach + 1;
  // Each ring has two weights: that of its mean log odds, then that of the share of it that is missing.
  const rings = weights.filter((_, index) => index % 2 === 1).map((weight) => fixed(weight, 3));
  return [
    `Own weight ${fixed(weights[0]!, 3)}; weights of the ${side} x ${side} neighbours, from near to far: ${rings.join(", ")}.`,
    `Temperature ${temperature.toFixed(4)}, threshold ${threshold.toFixed(4)} (${threshold_rule}), from the validation split.`,
    `The model is ${model}. ${notice}`,
  ];
}
