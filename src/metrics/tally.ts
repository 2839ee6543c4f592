/**
 * Counts the patches of each class by score. Every metric is computed from these counts; the other files of this folder
 * have the formulas.
 */
import { UserError } from "../util/errors.ts";
import { counted } from "../util/numbers.ts";

/**
 * The patches counted by score. It contains everything that a metric can depend on, and does not depend on the order of
 * the patches.
 */
export interface Tally {
  /** The distinct probabilities of IDC, falling. */
  readonly scores: Float64Array;
  /** For each score, the number of patches with IDC (label 1). */
  readonly positives: Float64Array;
  /** For each score, the number of patches without IDC (label 0). */
  readonly negatives: Float64Array;
  /** The sum of `positives`. */
  readonly positiveCount: number;
  /** The sum of `negatives`. */
  readonly negativeCount: number;
}

/** Counts of patches at one threshold: true negatives, false positives, false negatives, true positives. */
export interface Confusion {
  readonly tn: number;
  readonly fp: number;
  readonly fn: number;
  readonly tp: number;
}

/** The names of class 0 and class 1. */
export type Names = readonly [negative: string, positive: string];

/**
 * Counts patches by score, in O(n log n).
 * @param labels [n] 1 for IDC, 0 for none
 * @param probabilities [n] the probability of IDC, from 0 to 1
 * @param names the class names for errors
 * @throws UserError if the lengths differ, a label is not 0 or 1, or a probability is not a number from 0 to 1.
 */
export function tallyOf(
  labels: ArrayLike<number>,
  probabilities: ArrayLike<number>,
  names: Names = ["no IDC", "IDC"],
): Tally {
  checkPairs(labels, probabilities, names);
  const withIdc = scoresFalling(labels, probabilities, 1);
  const without = scoresFalling(labels, probabilities, 0);
  const scores = new Float64Array(labels.length);
  const positives = new Float64Array(labels.length);
  const negatives = new Float64Array(labels.length);
  let [distinct, p, n] = [0, 0, 0];
  while (p < withIdc.length || n < without.length) {
    const score = Math.max(withIdc[p] ?? 0, without[n] ?? 0);
    const [firstPositive, firstNegative] = [p, n];
    while (withIdc[p] === score) p++;
    while (without[n] === score) n++;
    scores[distinct] = score;
    positives[distinct] = p - firstPositive;
    negatives[distinct] = n - firstNegative;
    distinct++;
  }
  return {
    scores: scores.slice(0, distinct),
    positives: positives.slice(0, distinct),
    negatives: negatives.slice(0, distinct),
    positiveCount: withIdc.length,
    negativeCount: without.length,
  };
}

/**
 * The confusion counts at a threshold: a patch is predicted positive if its probability >= threshold.
 * @throws UserError as {@link tallyOf}, or if the threshold is not a number.
 */
export function confusionAt(labels: ArrayLike<number>, probabilities: ArrayLike<number>, threshold: number): Confusion {
  return confusionOf(tallyOf(labels, probabilities), threshold);
}

/**
 * The confusion counts of a tally: score >= threshold is predicted positive.
 * @throws UserError if the threshold is not a number.
 */
export function confusionOf(tally: Tally, threshold: number): Confusion {
  if (Number.isNaN(threshold)) {
    throw new UserError(
      "option-invalid",
      "The threshold is not a number: give a probability from 0 to 1, such as 0.5.",
    );
  }
  let [tp, fp] = [0, 0];
  for (let i = 0; i < tally.scores.length && tally.scores[i]! >= threshold; i++) {
    tp += tally.positives[i]!;
    fp += tally.negatives[i]!;
  }
  return { tn: tally.negativeCount - fp, fp, fn: tally.positiveCount - tp, tp };
}

function checkPairs(labels: ArrayLike<number>, probabilities: ArrayLike<number>, [negative, positive]: Names): void {
  if (labels.length !== probabilities.length) {
    throw new UserError(
      "data-mismatch",
      `${counted(labels.length, "label")} came with ${counted(probabilities.length, "probability", "probabilities")}: give exactly one probability per label.`,
    );
  }
  for (let i = 0; i < labels.length; i++) {
    if (labels[i] !== 0 && labels[i] !== 1) {
      throw new UserError(
        "label-invalid",
        `Label ${i + 1} of ${labels.length} is ${labels[i]}: use 1 for ${positive} and 0 for ${negative}.`,
      );
    }
    const probability = probabilities[i]!;
    if (!(probability >= 0 && probability <= 1)) {
      throw new UserError(
        "probability-invalid",
        `Probability ${i + 1} of ${labels.length} is ${probability}: give the probability of ${positive} as a number from 0 to 1.`,
      );
    }
  }
}

/** The scores of one class, highest first. */
function scoresFalling(labels: ArrayLike<number>, probabilities: ArrayLike<number>, label: 0 | 1): Float64Array {
  const scores = new Float64Array(labels.length);
  let count = 0;
  for (let i = 0; i < labels.length; i++) if (labels[i] === label) scores[count++] = probabilities[i]!;
  return scores.subarray(0, count).sort().reverse();
}
