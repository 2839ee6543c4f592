/** How well the scores separate the classes over all thresholds: areas under curves, and the curves. */
import type { Tally } from "./tally.ts";

/** ROC curve: [distinct scores + 1] points, from (0, 0) to (1, 1). */
export interface RocCurve {
  /** Falling. The first is Infinity, at which no patch is predicted positive. */
  readonly thresholds: Float64Array;
  readonly falsePositiveRate: Float64Array;
  readonly truePositiveRate: Float64Array;
}

/** Precision-recall curve: [distinct scores + 1] points, recall falling from 1 to 0. */
export interface PrecisionRecallCurve {
  /** [distinct scores] Rising. The last point (precision 1, recall 0) has no threshold. */
  readonly thresholds: Float64Array;
  readonly precision: Float64Array;
  readonly recall: Float64Array;
}

/**
 * Area under the ROC curve: the fraction of pairs (one patch with IDC, one without) in which the patch with IDC has the
 * higher score; ties count half (Mann & Whitney 1947; Hanley & McNeil 1982). Null if a class is absent.
 */
export function auroc({ scores, positives, negatives, positiveCount, negativeCount }: Tally): number | null {
  if (positiveCount === 0 || negativeCount === 0) return null;
  let [wins, positivesAbove] = [0, 0];
  for (let i = 0; i < scores.length; i++) {
    wins += negatives[i]! * (positivesAbove + positives[i]! / 2);
    positivesAbove += positives[i]!;
  }
  return wins / (positiveCount * negativeCount);
}

/**
 * Average precision: the sum over thresholds of (increase in recall) x precision, without interpolation. Tied scores
 * are one threshold (as in scikit-learn's average_precision_score). Null if no patch has IDC.
 */
export function auprc({ scores, positives, negatives, positiveCount }: Tally): number | null {
  if (positiveCount === 0) return null;
  let [area, tp, fp] = [0, 0, 0];
  for (let i = 0; i < scores.length; i++) {
    tp += positives[i]!;
    fp += negatives[i]!;
    if (positives[i]! > 0) area += positives[i]! * (tp / (tp + fp));
  }
  return area / positiveCount;
}

/**
 * The ROC curve with one point per distinct score (as scikit-learn's roc_curve with drop_intermediate=False). Null if a
 * class is absent.
 */
export function rocCurve({ scores, positives, negatives, positiveCount, negativeCount }: Tally): RocCurve | null {
  if (positiveCount === 0 || negativeCount === 0) return null;
  const thresholds = new Float64Array(scores.length + 1);
  const falsePositiveRate = new Float64Array(scores.length + 1);
  const truePositiveRate = new Float64Array(scores.length + 1);
  thresholds[0] = Number.POSITIVE_INFINITY;
  let [tp, fp] = [0, 0];
  for (let i = 0; i < scores.length; i++) {
    tp += positives[i]!;
    fp += negatives[i]!;
    thresholds[i + 1] = scores[i]!;
    falsePositiveRate[i + 1] = fp / negativeCount;
    truePositiveRate[i + 1] = tp / positiveCount;
  }
  return { thresholds, falsePositiveRate, truePositiveRate };
}

/**
 * The precision-recall curve with one point per distinct score (as scikit-learn's precision_recall_curve). Null if no
 * patch has IDC.
 */
export function precisionRecallCurve({
  scores,
  positives,
  negatives,
  positiveCount,
}: Tally): PrecisionRecallCurve | null {
  if (positiveCount === 0) return null;
  const count = scores.length;
  const precision = new Float64Array(count + 1);
  const recall = new Float64Array(count + 1);
  precision[count] = 1;
  let [tp, fp] = [0, 0];
  for (let i = 0; i < count; i++) {
    tp += positives[i]!;
    fp += negatives[i]!;
    precision[count - 1 - i] = tp / (tp + fp);
    recall[count - 1 - i] = tp / positiveCount;
  }
  return { thresholds: scores.toReversed(), precision, recall };
}
