/** The command "add-context": adds weights for the surrounding patches to a trained model. */
import { type Neighbourhood, UNCALIBRATED } from "../artifacts/model_card.ts";
import { withCalibration } from "../artifacts/model_file.ts";
import { type ModelFile, modelFileOf } from "../artifacts/open_model.ts";
import { featureCount } from "../histology/neighbourhood.ts";
import { type AddContextOptions, addContextOptions } from "../options/add_context.ts";
import { checkedOptions } from "../options/checked_options.ts";
import type { AddContextResult } from "../reports/calibration/report.ts";
import { type NeighbourRows, neighbourSteps } from "../scoring/fit_neighbours.ts";
import type { Context } from "../util/context.ts";
import { UserError } from "../util/errors.ts";
import { inTurns } from "../util/turns.ts";
import { calibrateOn } from "./calibrate.ts";
import { deriveModel } from "./derive_model.ts";
import type { FittingCases } from "./fitting_cases.ts";

/**
 * Fits a logistic regression to the logits of each patch and its neighbours on the training split. Then calibrates the
 * model on the validation split and writes it to a new file. With a cross-validation, both use all of its patches.
 * @throws UserError if the model, the dataset, the cross-validation or the output file is not usable.
 */
export async function addContext(given: AddContextOptions, context: Context): Promise<AddContextResult> {
  const options = checkedOptions(addContextOptions, given);
  const { reach, threshold: rule } = options;
  return deriveModel(options, context, async ({ model, cases }) => {
    const neighbourhood = await fitNeighbourhood(cases, { model, reach }, context.signal);
    const bytes = withCalibration(model.bytes, { ...UNCALIBRATED, neighbourhood });
    const { file, calibration } = await calibrateOn(cases, modelFileOf(bytes, model.place), rule);
    return { file, result: { neighbourhood, calibration } };
  });
}

/** Fits the weights of a patch and of the squares around it. */
async function fitNeighbourhood(
  cases: FittingCases,
  { model, reach }: { readonly model: ModelFile; readonly reach: number },
  signal: AbortSignal,
): Promise<Neighbourhood> {
  const rows = await cases.forContext(model, reach);
  requireNeighbours(rows, featureCount(reach), cases);
  return { reach, ...(await inTurns(neighbourSteps(rows, reach), signal)) };
}

/**
 * @throws UserError if no patch has a neighbour. Then x and y of the manifest are not positions in pixels of the
 *   records.
 */
function requireNeighbours({ features, labels }: NeighbourRows, width: number, { folder, side }: FittingCases): void {
  // The first two columns of a patch are equal if it has no neighbours.
  if (labels.some((_, patch) => features[patch * width] !== features[patch * width + 1])) return;
  throw new UserError(
    "neighbours-missing",
    `No training patch of ${folder} has a neighbour, as none of its case lies ${side} pixels away by x and y of the manifest: ` +
      "prepare the dataset from patches that lie side by side, with their places in pixels of the records in their names.",
  );
}
