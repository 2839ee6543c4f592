/** The command "calibrate": fits the temperature and the threshold of a trained model. */
import type { Calibration } from "../artifacts/model_card.ts";
import { withCalibration } from "../artifacts/model_file.ts";
import type { ModelFile } from "../artifacts/open_model.ts";
import { type CalibrateOptions, calibrateOptions } from "../options/calibrate.ts";
import { checkedOptions } from "../options/checked_options.ts";
import type { CalibrateResult } from "../reports/calibration/report.ts";
import type { Context } from "../util/context.ts";
import { calibrationOf } from "./calibration.ts";
import { deriveModel } from "./derive_model.ts";
import type { FittingCases } from "./fitting_cases.ts";

/**
 * Fits a model's temperature and chooses its threshold, on the validation split or on a cross-validation. Writes the
 * calibrated model to a new file.
 * @throws UserError if the model, the dataset, the cross-validation or the output file is not usable.
 */
export async function calibrate(given: CalibrateOptions, context: Context): Promise<CalibrateResult> {
  const options = checkedOptions(calibrateOptions, given);
  return deriveModel(options, context, async ({ model, cases }) => {
    const { file, calibration } = await calibrateOn(cases, model, options.threshold);
    return { file, result: calibration };
  });
}

/**
 * Calibrates a model file: chooses the temperature with the lowest log loss, then applies the threshold rule to the
 * scaled probabilities. Replaces any existing calibration.
 * @throws UserError if there are no patches or a class that the rule needs is missing, if the model is of another kind
 *   than the patches, or if it cannot be run.
 */
export async function calibrateOn(
  cases: FittingCases,
  model: ModelFile,
  rule: string,
): Promise<{ file: Uint8Array; calibration: Calibration }> {
  const { labels, raw } = await cases.forCalibration(model);
  const calibration = { ...calibrationOf(labels, raw, rule, cases.classNames), calibrated_on: cases.kind };
  const { neighbourhood } = model.card;
  return { file: withCalibration(model.bytes, { ...calibration, neighbourhood }), calibration };
}
