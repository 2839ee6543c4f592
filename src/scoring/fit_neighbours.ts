/** Fits the weights of a patch and of the squares around it to labels. */
import { featureCount } from "../histology/neighbourhood.ts";
import { type LogisticModel, logisticSteps } from "../metrics/logistic_regression.ts";

/**
 * The L2 penalty. It keeps the weights stable if squares have nearly the same values; otherwise it is too small to
 * matter.
 */
const RIDGE = 1;

/** Patches whose neighbours are known, and their labels. */
export interface NeighbourRows {
  /** float64 [patches, features], see `neighbourhoodFeatures`. */
  readonly features: Float64Array;
  /** [patches] */
  readonly labels: readonly number[];
  /** [patches] */
  readonly caseIds: readonly string[];
}

/**
 * A logistic regression of the features, in steps that can be stopped. A patch counts by 1 / sqrt(patches of its case):
 * patches of a case resemble each other, so 100 of them tell less than 100 of as many cases (docs/decisions/0048).
 */
export function neighbourSteps(
  { features, labels, caseIds }: NeighbourRows,
  reach: number,
): Generator<void, LogisticModel> {
  const counts = new Map<string, number>();
  for (const caseId of caseIds) counts.set(caseId, (counts.get(caseId) ?? 0) + 1);
  const rowWeights = caseIds.map((caseId) => 1 / Math.sqrt(counts.get(caseId)!));
  return logisticSteps({ features, labels, width: featureCount(reach), ridge: RIDGE, rowWeights });
}
