/** Runs a model on rows of a dataset, either on each patch alone or with its neighbours. */
import { type Neighbourhood, recordSideOf } from "../artifacts/model_card.ts";
import type { OpenModel } from "../artifacts/open_model.ts";
import type { ImageReader, ModelAnswers, OnAnswers } from "../engine/classification/classifier.ts";
import type { Dataset } from "../histology/dataset/dataset.ts";
import { neighbourhoodFeatures, neighboursByPlace, type Place, sumVisited } from "../histology/neighbourhood.ts";
import { requireSameClasses } from "../reports/same_classes.ts";
import { withNeighbours } from "../scoring/neighbours.ts";
import { UserError } from "../util/errors.ts";
import { inTurns } from "../util/turns.ts";

/** Progress callback and abort signal of a long classification. */
export interface Watching {
  readonly signal?: AbortSignal;
  readonly onAnswers?: OnAnswers;
}

/**
 * The model's answers for the given rows, in the same order: the probability of the positive class, and the patch's own
 * logit. If the model uses neighbours, so do the probabilities. Only these rows count as neighbours.
 * @throws UserError if the model has other classes, or takes records of another size.
 */
export async function classifyRows(
  model: OpenModel,
  dataset: Dataset,
  rows: Uint32Array,
  watching: Watching = {},
): Promise<ModelAnswers> {
  const answers = await answersOf(model, dataset, rows, watching);
  const { neighbourhood, temperature } = model.card;
  if (!neighbourhood) return answers;
  const around = { reach: neighbourhood.reach, spacing: dataset.side };
  const visitNeighbours = neighboursByPlace(placesOf(dataset, rows), around);
  const sumSquares = sumVisited(answers.logits, neighbourhood.reach, visitNeighbours);
  const places = Uint32Array.from(rows.keys());
  const steps = withNeighbours({ neighbourhood, temperature }, answers.logits, sumSquares, places);
  const probabilities = await inTurns(steps, watching.signal);
  return { ...answers, probabilities };
}

/** The model's answers for each row alone, without neighbours. */
async function answersOf(
  model: OpenModel,
  dataset: Dataset,
  rows: Uint32Array,
  { signal, onAnswers }: Watching,
): Promise<ModelAnswers> {
  requireSameClasses(model.card, dataset);
  requireSameSide(model, dataset);
  return model.classifier.classify(rows.length, readerOf(dataset, rows, signal), onAnswers);
}

/** @throws UserError if the model takes patches of another size. */
export function requireSameSide(
  { card }: Pick<OpenModel, "card">,
  { folder, side }: Pick<Dataset, "folder" | "side">,
): void {
  const wanted = recordSideOf(card);
  if (side === wanted) return;
  throw new UserError(
    "patch-size-mismatch",
    `The model takes patches of ${wanted} x ${wanted} pixels, but those of ${folder} have ${side} x ${side}: ` +
      `prepare the dataset again with --side ${wanted}, or give a model that was trained on patches of ${side} x ${side}.`,
  );
}

/**
 * The features for fitting a neighbourhood's weights: the columns of `neighbourhoodFeatures` for each row.
 * @throws UserError if the model has other classes, or takes records of another size.
 */
export async function neighbourFeaturesOf(
  model: OpenModel,
  dataset: Dataset,
  { rows, reach }: { readonly rows: Uint32Array } & Pick<Neighbourhood, "reach">,
  watching: Watching = {},
): Promise<Float64Array> {
  const { logits } = await answersOf(model, dataset, rows, watching);
  return neighbourhoodFeatures(placesOf(dataset, rows), logits, { reach, spacing: dataset.side });
}

const placesOf = (dataset: Dataset, rows: Uint32Array): Place[] => Array.from(rows, (index) => dataset.rows[index]!);

function readerOf(dataset: Dataset, rows: Uint32Array, signal: AbortSignal | undefined): ImageReader {
  return (first, count, into) => {
    signal?.throwIfAborted();
    for (let place = 0; place < count; place++) dataset.read(rows[first + place]!, into, place * dataset.recordBytes);
  };
}
