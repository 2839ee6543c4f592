/**
 * The patches that "calibrate" and "add-context" fit to: those of a dataset's splits, which the model classifies itself,
 * or all patches of a cross-validation, classified by models that had not seen their cases.
 */
import type { ModelCard, Neighbourhood } from "../artifacts/model_card.ts";
import { type ModelFile, openModelFile } from "../artifacts/open_model.ts";
import { INPUT_SIDE_PIXELS } from "../engine/models/table.ts";
import type { SessionOptions } from "../engine/runtime/session.ts";
import type { ClassNames } from "../histology/dataset/class_names.ts";
import type { Dataset } from "../histology/dataset/dataset.ts";
import { neighbourhoodFeatures, neighboursByPlace, sumVisited } from "../histology/neighbourhood.ts";
import { scaledProbability } from "../metrics/calibration.ts";
import { knownText } from "../reports/evaluation/leakage.ts";
import { requireSameClasses } from "../reports/same_classes.ts";
import type { NeighbourRows } from "../scoring/fit_neighbours.ts";
import { withNeighbours } from "../scoring/neighbours.ts";
import type { Context } from "../util/context.ts";
import { UserError } from "../util/errors.ts";
import { inTurns } from "../util/turns.ts";
import { validationLabels } from "./calibration.ts";
import { classifyRows, neighbourFeaturesOf, requireSameSide } from "./classify.ts";
import { readUnseen, type Unseen } from "./crossvalidation/unseen.ts";
import { knownIn } from "./evaluation/leakage.ts";

/** Labels, and probabilities before calibration, patch by patch. */
export interface RawAnswers {
  readonly labels: readonly number[];
  readonly raw: Float64Array;
}

export interface FittingCases {
  /** The folder of the dataset or of the cross-validation, as the user named it. */
  readonly folder: string;
  readonly kind: NonNullable<ModelCard["calibrated_on"]>;
  readonly classNames: ClassNames;
  /** Pixels per side of a patch. */
  readonly side: number;
  /** The patches on which temperature and threshold are chosen. */
  forCalibration(model: ModelFile): Promise<RawAnswers>;
  /** The patches to which the weights of neighbours are fitted: those whose places are known. */
  forContext(model: ModelFile, reach: Neighbourhood["reach"]): Promise<NeighbourRows>;
}

/** The validation split for the calibration, the training split for the weights of neighbours. */
export function casesOfSplits(dataset: Dataset, session: SessionOptions, context: Context): FittingCases {
  const { reporter, signal } = context;
  const { folder, classNames, side } = dataset;
  return {
    folder,
    kind: "validation",
    classNames,
    side,
    async forCalibration(file) {
      const labels = validationLabels(dataset);
      await warnOfKnown(file.card, dataset, context);
      const model = await openModelFile(file, session);
      const { probabilities } = await classifyRows(model, dataset, dataset.indicesOf("val"), { signal }).finally(() =>
        model.classifier.close(),
      );
      return {
        labels,
        raw: Float64Array.from(probabilities, (one) => scaledProbability(one, 1 / file.card.temperature)),
      };
    },
    async forContext(file, reach) {
      const rows = dataset.indicesOf("train").filter((index) => dataset.rows[index]!.x !== undefined);
      const labels = Array.from(rows, (index) => dataset.rows[index]!.label);
      requireBoth(labels, folder);
      const onAnswers = ({ done }: { readonly done: number }) =>
        reporter.progress({ task: "learn-neighbours", done, total: rows.length, unit: "patches" });
      const model = await openModelFile(file, session);
      const features = await neighbourFeaturesOf(model, dataset, { rows, reach }, { signal, onAnswers }).finally(() =>
        model.classifier.close(),
      );
      return { labels, features, caseIds: Array.from(rows, (index) => dataset.rows[index]!.caseId) };
    },
  };
}

/**
 * Warns if the model was made from cases of the validation split of another dataset than its own. It is surer of these
 * than of new cases. A corrected dataset has the splits of the dataset that it corrects.
 */
async function warnOfKnown(card: ModelCard, dataset: Dataset, { reporter, signal }: Context): Promise<void> {
  if (dataset.description.corrections?.parent.manifest_sha256 === card.dataset_sha256) return;
  const known = await knownIn(card, { dataset, split: "val" }, signal);
  if (known === undefined || known.patches === 0) return;
  reporter.warn(
    `${knownText(known, "val")}: the temperature and the threshold may not hold on new cases; give a dataset with other cases.`,
  );
}

/** All patches of a cross-validation, for both. Its models must have the architecture of the model. */
export async function casesOfFolds(folder: string, signal: AbortSignal): Promise<FittingCases> {
  const unseen = await readUnseen(folder, signal);
  const { rows, logits, side } = unseen;
  return {
    ...unseen,
    kind: "crossvalidation",
    async forCalibration({ card }) {
      requireSameModel(card, unseen);
      const labels = rows.map(({ label }) => label);
      const { neighbourhood } = card;
      if (!neighbourhood) return { labels, raw: Float64Array.from(logits, (logit) => 1 / (1 + Math.exp(-logit))) };
      const places = Uint32Array.from(rows.keys());
      const uncalibrated = { neighbourhood, temperature: 1 };
      const visitNeighbours = neighboursByPlace(rows, { reach: neighbourhood.reach, spacing: side });
      const sumSquares = sumVisited(logits, neighbourhood.reach, visitNeighbours);
      const steps = withNeighbours(uncalibrated, logits, sumSquares, places);
      return { labels, raw: Float64Array.from(await inTurns(steps, signal)) };
    },
    async forContext({ card }, reach) {
      requireSameModel(card, unseen);
      const features = neighbourhoodFeatures(rows, logits, { reach, spacing: side });
      const width = features.length / rows.length;
      const known = rows.flatMap(({ x }, place) => (x === undefined ? [] : [place]));
      const labels = known.map((place) => rows[place]!.label);
      requireBoth(labels, folder);
      return {
        labels,
        caseIds: known.map((place) => rows[place]!.caseId),
        features: Float64Array.from(
          known.flatMap((place) => [...features.subarray(place * width, (place + 1) * width)]),
        ),
      };
    },
  };
}

function requireBoth(labels: readonly number[], folder: string): void {
  if (new Set(labels).size === 2) return;
  throw new UserError(
    "class-missing",
    `${folder} has no training patches of both classes whose place on the slide is known: prepare it from files in the Kaggle layout.`,
  );
}

/** @throws UserError if the folds' models are of another kind than the model. */
function requireSameModel(card: ModelCard, unseen: Unseen): void {
  requireSameClasses(card, unseen);
  requireSameSide({ card }, unseen);
  const inputSide = card.input_side ?? INPUT_SIDE_PIXELS;
  if (card.model === unseen.model && inputSide === unseen.inputSide) return;
  throw new UserError(
    "crossvalidation-mismatch",
    `The model is ${card.model} with an input of ${inputSide} pixels, but ${unseen.folder} cross-validates ${unseen.model} with ${unseen.inputSide}: ` +
      "give a cross-validation with the settings of the model's training.",
  );
}
