/**
 * The influence of each patch on a metric: the derivative of the metric with respect to the number of patches with a
 * given score and class. spread.ts computes standard errors from it.
 *
 * A metric is a function of counts, and does not change if all counts are multiplied by the same number. The influences
 * of all patches therefore sum to 0.
 */
import type { Confusion, Tally } from "./tally.ts";

/** [distinct scores] each: the change of the metric per additional patch with that class and score. */
export interface Influence {
  readonly ofPositive: Float64Array;
  readonly ofNegative: Float64Array;
}

type ThresholdCounts = { readonly tally: Tally; readonly threshold: number; readonly confusion: Confusion };

/** Weights of the four counts in a weighted sum. */
type Weights = Partial<Confusion>;

/** The influence on a ratio a / b of two weighted sums of the confusion counts; b must not be 0. */
export function shareInfluence(part: Weights, whole: Weights): (view: ThresholdCounts) => Influence {
  return (view) => byOutcome(view, shareGradient(part, whole, view.confusion));
}

/** The influence on the mean of sensitivity and specificity. */
export function balancedAccuracyInfluence(view: ThresholdCounts): Influence {
  const found = shareGradient({ tp: 1 }, { tp: 1, fn: 1 }, view.confusion);
  const cleared = shareGradient({ tn: 1 }, { tn: 1, fp: 1 }, view.confusion);
  return byOutcome(view, { tp: found.tp / 2, fn: found.fn / 2, tn: cleared.tn / 2, fp: cleared.fp / 2 });
}

/**
 * The influence on the Matthews correlation (tp tn - fp fn) / sqrt(product of the four margins); no margin may be 0.
 */
export function mccInfluence(view: ThresholdCounts): Influence {
  const { tn, fp, fn, tp } = view.confusion;
  const [called, cleared, withIdc, without] = [tp + fp, tn + fn, tp + fn, tn + fp];
  const root = Math.sqrt(called * cleared * (withIdc * without));
  const value = (tp * tn - fp * fn) / root;
  const of = (other: number, row: number, column: number) => other / root - (value / 2) * (1 / row + 1 / column);
  return byOutcome(view, {
    tp: of(tn, called, withIdc),
    fn: of(-fp, cleared, withIdc),
    fp: of(-fn, called, without),
    tn: of(tp, cleared, without),
  });
}

/**
 * The influence on AUROC: the fraction of pairs that a patch wins minus the AUROC, divided by the number of patches of
 * its class (the placement values of DeLong et al. 1988). Both classes must be present.
 */
export function aurocInfluence({ tally }: ThresholdCounts): Influence {
  const { scores, positives, negatives, positiveCount, negativeCount } = tally;
  const [ofPositive, ofNegative] = [new Float64Array(scores.length), new Float64Array(scores.length)];
  let [positivesAbove, negativesAbove, wins] = [0, 0, 0];
  for (let i = 0; i < scores.length; i++) {
    ofPositive[i] = 1 - (negativesAbove + negatives[i]! / 2) / negativeCount;
    ofNegative[i] = (positivesAbove + positives[i]! / 2) / positiveCount;
    wins += negatives[i]! * (positivesAbove + positives[i]! / 2);
    positivesAbove += positives[i]!;
    negativesAbove += negatives[i]!;
  }
  const value = wins / (positiveCount * negativeCount);
  return {
    ofPositive: ofPositive.map((placement) => (placement - value) / positiveCount),
    ofNegative: ofNegative.map((placement) => (placement - value) / negativeCount),
  };
}

/**
 * The influence on average precision: the precision at the patch's own score, and the patch's effect on the precision
 * at its own and all lower scores. At least one patch must have IDC.
 */
export function auprcInfluence({ tally }: ThresholdCounts): Influence {
  const { scores, positives, negatives, positiveCount } = tally;
  const [precision, found, alarms] = [0, 1, 2].map(() => new Float64Array(scores.length)) as [
    Float64Array,
    Float64Array,
    Float64Array,
  ];
  let [tp, fp, area] = [0, 0, 0];
  for (let i = 0; i < scores.length; i++) {
    tp += positives[i]!;
    fp += negatives[i]!;
    precision[i] = tp / (tp + fp);
    found[i] = (positives[i]! * tp) / (tp + fp) ** 2;
    alarms[i] = (positives[i]! * fp) / (tp + fp) ** 2;
    area += positives[i]! * precision[i]!;
  }
  const value = area / positiveCount;
  const [ofPositive, ofNegative] = [new Float64Array(scores.length), new Float64Array(scores.length)];
  let [fromAlarms, fromFound] = [0, 0];
  for (let i = scores.length - 1; i >= 0; i--) {
    fromAlarms += alarms[i]!;
    fromFound += found[i]!;
    ofPositive[i] = (precision[i]! + fromAlarms - value) / positiveCount;
    ofNegative[i] = -fromFound / positiveCount;
  }
  return { ofPositive, ofNegative };
}

/** The influence on the mean of a loss that depends on score and class. */
export function meanInfluence(losses: Influence, { positiveCount, negativeCount }: Tally, value: number): Influence {
  const of = (loss: number) => (loss - value) / (positiveCount + negativeCount);
  return { ofPositive: losses.ofPositive.map(of), ofNegative: losses.ofNegative.map(of) };
}

function shareGradient(part: Weights, whole: Weights, counts: Confusion): Confusion {
  const sum = ({ tn = 0, fp = 0, fn = 0, tp = 0 }: Weights) =>
    tn * counts.tn + fp * counts.fp + fn * counts.fn + tp * counts.tp;
  const below = sum(whole);
  const value = sum(part) / below;
  const of = (name: keyof Confusion) => ((part[name] ?? 0) - value * (whole[name] ?? 0)) / below;
  return { tn: of("tn"), fp: of("fp"), fn: of("fn"), tp: of("tp") };
}

/** The influence of a patch if it depends only on its class and on whether its score reaches the threshold. */
function byOutcome({ tally: { scores }, threshold }: ThresholdCounts, { tn, fp, fn, tp }: Confusion): Influence {
  return {
    ofPositive: scores.map((score) => (score >= threshold ? tp : fn)),
    ofNegative: scores.map((score) => (score >= threshold ? fp : tn)),
  };
}
