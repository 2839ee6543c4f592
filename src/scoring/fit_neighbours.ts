/** Fits the weights of a patch and of the squares around it to labels. */
import { featureCount, featuresAlone } from "../histology/neighbourhood.ts";
import { type LogisticModel, logisticSteps } from "../metrics/logistic_regression.ts";

/**
 * The L2 penalty. It keeps the weights stable if squares have nearly the same values; otherwise it is too small to
 * matter.
 */
const RIDGE = 1;

/** Patches whose places are known, and their labels. */
export interface NeighbourRows {
  /** float64 [patches, features], see `neighbourhoodFeatures`. */
  readonly features: Float64Array;
  /** [patches] */
  readonly labels: readonly number[];
  /** [patches] */
  readonly caseIds: readonly string[];
}

/**
 * A logistic regression of the features, in steps that can be stopped (docs/decisions/0048).
 *
 * Each patch counts twice: with its neighbours, and as if it had none, as an image that is classified by itself. Both
 * count by 1 / sqrt(patches of the case), because patches of a case resemble each other: 100 of them say less than 100 of
 * as many cases.
 */
export function neighbourSteps(
  { features, labels, caseIds }: NeighbourRows,
  reach: number,
): Generator<void, LogisticModel> {
  const width = featureCount(reach);
  const counts = new Map<string, number>();
  for (const caseId of caseIds) counts.set(caseId, (counts.get(caseId) ?? 0) + 1);
  const rowWeights = caseIds.map((caseId) => 1 / Math.sqrt(counts.get(caseId)!));
  const twice = new Float64Array(2 * features.length);
  twice.set(features);
  for (const patch of labels.keys()) {
    twice.set(featuresAlone(features[patch * width]!, reach), features.length + patch * width);
  }
  return logisticSteps({
    features: twice,
    labels: [...labels, ...labels],
    width,
    ridge: RIDGE,
    rowWeights: [...rowWeights, ...rowWeights],
  });
}
