/** The command "add-context": adds weights for the surrounding patches to a trained model. */
import { type Neighbourhood, UNCALIBRATED } from "../artifacts/model_card.ts";
import { withCalibration } from "../artifacts/model_file.ts";
import { modelFileOf, openModelFile } from "../artifacts/open_model.ts";
import type { Dataset } from "../histology/dataset/dataset.ts";
import { ringsOf } from "../histology/neighbourhood.ts";
import { logisticSteps } from "../metrics/logistic_regression.ts";
import { type AddContextOptions, addContextOptions } from "../options/add_context.ts";
import { checkedOptions } from "../options/checked_options.ts";
import type { AddContextResult } from "../reports/calibration/report.ts";
import type { Context } from "../util/context.ts";
import { UserError } from "../util/errors.ts";
import { inTurns } from "../util/turns.ts";
import { calibrateOn } from "./calibrate.ts";
import { neighbourFeaturesOf } from "./classify.ts";
import { deriveModel, type ModelSource } from "./derive_model.ts";

/**
 * The L2 penalty. It keeps the weights stable if rings with few patches have nearly the same values; otherwise it is
 * too small to matter.
 */
const RIDGE = 1;

/**
 * Fits a logistic regression to the logits of each patch and its neighbours on the training split. Then calibrates the
 * model on the validation split and writes it to a new file.
 * @throws UserError if the model, the dataset or the output file is not usable.
 */
export async function addContext(given: AddContextOptions, context: Context): Promise<AddContextResult> {
  const options = checkedOptions(addContextOptions, given);
  const { reach, threshold: rule } = options;
  const { signal } = context;
  return deriveModel(options, context, async (source) => {
    const { model, dataset, session } = source;
    const neighbourhood = await fitNeighbourhood(source, reach, context);
    const bytes = withCalibration(model.bytes, { ...UNCALIBRATED, neighbourhood });
    const uncalibrated = modelFileOf(bytes, model.place);
    const { file, calibration } = await calibrateOn(dataset, uncalibrated, { rule, session, signal });
    return { file, result: { neighbourhood, calibration } };
  });
}

/** Fits the weights of a patch and its rings of neighbours on the training split. */
async function fitNeighbourhood(
  { model: source, dataset, session }: ModelSource,
  reach: number,
  { reporter, signal }: Context,
): Promise<Neighbourhood> {
  const rows = dataset.indicesOf("train").filter((index) => dataset.rows[index]!.x !== undefined);
  const labels = Array.from(rows, (index) => dataset.rows[index]!.label);
  if (new Set(labels).size < 2) {
    throw new UserError(
      "class-missing",
      `${dataset.folder} has no training patches of both classes whose place on the slide is known: prepare it from files in the Kaggle layout.`,
    );
  }
  const onAnswers = ({ done }: { readonly done: number }) =>
    reporter.progress({ task: "learn-neighbours", done, total: rows.length, unit: "patches" });
  const model = await openModelFile(source, session);
  const features = await neighbourFeaturesOf(model, dataset, { rows, reach }, { signal, onAnswers }).finally(() =>
    model.classifier.close(),
  );
  const width = 1 + 2 * ringsOf(reach).length;
  requireNeighbours(features, width, dataset);
  return { reach, ...(await inTurns(logisticSteps({ features, labels, width, ridge: RIDGE }), signal)) };
}

/**
 * @throws UserError if no patch has a neighbour. Then x and y of the manifest are not positions in pixels of the
 *   records.
 */
function requireNeighbours(features: Float64Array, width: number, { folder, side }: Dataset): void {
  // The columns of a patch: its own logit, then two per ring. The second of these is the share of the ring that is
  // missing.
  const isFound = (value: number, place: number) => place % width > 0 && (place % width) % 2 === 0 && value < 0.999;
  if (features.some(isFound)) return;
  throw new UserError(
    "neighbours-missing",
    `No training patch of ${folder} has a neighbour, as none of its case lies ${side} pixels away by x and y of the manifest: ` +
      "prepare the dataset from patches that lie side by side, with their places in pixels of the records in their names.",
  );
}
