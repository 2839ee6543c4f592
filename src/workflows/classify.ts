/** Runs a model over rows of a dataset: each patch for itself, or with what its neighbours say. */
import { type ModelCard, type Neighbourhood, recordSideOf } from "../artifacts/model_card.ts";
import type { OpenModel } from "../artifacts/model_file.ts";
import type { Classifier, ImageReader, OnAnswers } from "../engine/runtime/classifier.ts";
import type { Dataset } from "../histology/dataset/dataset.ts";
import { neighbourhoodFeatures, type Place } from "../histology/neighbourhood.ts";
import { requireSameClasses } from "../reports/same_classes.ts";
import { UserError } from "../util/errors.ts";

/** How a long classification is watched and stopped. */
export interface Watching {
  readonly signal?: AbortSignal;
  readonly onAnswers?: OnAnswers;
}

/**
 * The probability of the positive class of each of the rows, in their order. Neighbours are looked for among these rows only.
 * @throws UserError if the model is of other classes, or takes records of another side.
 */
export async function classifyRows(
  model: OpenModel,
  dataset: Dataset,
  rows: Uint32Array,
  { signal, onAnswers }: Watching = {},
): Promise<Float32Array> {
  requireSameClasses(model.card, dataset);
  requireSameSide(model, dataset);
  const answers = await answersOf(model)(rows.length, readerOf(dataset, rows, signal), onAnswers);
  return withNeighbours(model.card, placesOf(dataset, rows), answers);
}

function requireSameSide({ card }: Pick<OpenModel, "card">, { folder, side }: Dataset): void {
  const wanted = recordSideOf(card);
  if (side === wanted) return;
  throw new UserError(
    "patch-size-mismatch",
    `The model takes patches of ${wanted} x ${wanted} pixels, but those of ${folder} have ${side} x ${side}: ` +
      `prepare the dataset again with --side ${wanted}, or give a model that was trained on patches of ${side} x ${side}.`,
  );
}

/** What the model says of each patch by itself: its probability, or its logit if neighbours are still to be used. */
export function answersOf({ card, classifier }: OpenModel): Classifier["classify"] {
  return card.neighbourhood ? classifier.logits : classifier.classify;
}

/** The probabilities that the answers to patches at these places come to; they are these already if the model uses no neighbours. */
export function withNeighbours(
  { neighbourhood, temperature, ...card }: Pick<ModelCard, "neighbourhood" | "temperature" | "record_side">,
  places: readonly Place[],
  answers: Float32Array,
): Float32Array {
  if (!neighbourhood) return answers;
  const { reach, weights, bias } = neighbourhood;
  const features = neighbourhoodFeatures(places, answers, { reach, spacing: recordSideOf(card) });
  return answers.map((_, index) => {
    const own = features.subarray(index * weights.length, (index + 1) * weights.length);
    const logOdds = own.reduce((sum, value, column) => sum + value * weights[column]!, bias);
    return 1 / (1 + Math.exp(-logOdds / temperature));
  });
}

/**
 * What a neighbourhood's weights are fitted to: the columns of `neighbourhoodFeatures` for each of the rows.
 * @throws UserError if the model is of other classes, or takes records of another side.
 */
export async function neighbourFeaturesOf(
  model: OpenModel,
  dataset: Dataset,
  { rows, reach }: { readonly rows: Uint32Array } & Pick<Neighbourhood, "reach">,
  { signal, onAnswers }: Watching = {},
): Promise<Float64Array> {
  requireSameClasses(model.card, dataset);
  requireSameSide(model, dataset);
  const logits = await model.classifier.logits(rows.length, readerOf(dataset, rows, signal), onAnswers);
  return neighbourhoodFeatures(placesOf(dataset, rows), logits, { reach, spacing: dataset.side });
}

const placesOf = (dataset: Dataset, rows: Uint32Array): Place[] => Array.from(rows, (index) => dataset.rows[index]!);

function readerOf(dataset: Dataset, rows: Uint32Array, signal: AbortSignal | undefined): ImageReader {
  return (first, count, into) => {
    signal?.throwIfAborted();
    for (let place = 0; place < count; place++) dataset.read(rows[first + place]!, into, place * dataset.recordBytes);
  };
}
