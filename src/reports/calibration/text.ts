/** The results of the commands "calibrate" and "add-context" as lines of text. */
import type { Calibration } from "../../artifacts/model_card.ts";
import { squaresOf } from "../../histology/neighbourhood.ts";
import { fixed } from "../../util/numbers.ts";
import type { AddContextResult, CalibrateResult } from "./report.ts";
import { calibratedOnWords } from "./words.ts";

export function calibrateLines({ model, notice, ...result }: CalibrateResult): string[] {
  return [calibrationLine(result, result), `The calibrated model is ${model}. ${notice}`];
}

export function addContextLines({ model, neighbourhood, calibration, notice, ...origin }: AddContextResult): string[] {
  const { reach, weights } = neighbourhood;
  const squares = squaresOf(reach).map(
    (square, number) => `${2 * square + 1} x ${2 * square + 1} ${fixed(weights[2 + number]!, 3)}`,
  );
  return [
    `Own weight ${fixed(weights[0]!, 3)}, without neighbours ${fixed(weights[0]! + weights[1]!, 3)}; weights of the mean log odds in the square around the patch: ${squares.join(", ")}.`,
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
