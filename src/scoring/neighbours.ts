/** The probabilities of patches from their own answers and those of their neighbours. */
import type { Neighbourhood } from "../artifacts/model_card.ts";
import { featuresFrom, type SumSquares } from "../histology/neighbourhood.ts";
import { UserError } from "../util/errors.ts";

/** After this many patches the computation may pause. */
const PATCHES_PER_STEP = 256;

/**
 * Computes probabilities from the logits of patches and their neighbours, in steps that can be stopped.
 * @param logits by place; the logit of a place without a patch is never read
 * @param places the places of the patches
 * @returns float32 [places]
 * @throws UserError if a result is not a probability.
 */
export function* withNeighbours(
  { neighbourhood: { reach, weights, bias }, temperature }: { neighbourhood: Neighbourhood; temperature: number },
  logits: Float32Array,
  sumSquares: SumSquares,
  places: Uint32Array,
): Generator<void, Float32Array> {
  const fill = featuresFrom(logits, reach, sumSquares);
  const features = new Float64Array(weights.length);
  const probabilities = new Float32Array(places.length);
  for (const [index, place] of places.entries()) {
    fill(place, features);
    const logOdds = features.reduce((sum, value, column) => sum + value * weights[column]!, bias);
    const probability = 1 / (1 + Math.exp(-logOdds / temperature));
    if (!(probability >= 0 && probability <= 1)) throw notProbabilities();
    probabilities[index] = probability;
    if (index % PATCHES_PER_STEP === 0) yield;
  }
  return probabilities;
}

const notProbabilities = () =>
  new UserError(
    "model-failed",
    "The model's weights for neighbours give values that are no probabilities: it is damaged, restore it or make it again.",
  );
