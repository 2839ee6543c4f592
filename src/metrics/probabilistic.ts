/** How far the probabilities themselves can be believed, without a threshold; mending them is left to others. */
import { onceByScores, type Tally } from "./counting.ts";

const CALIBRATION_BINS = 15;

/** What a patch with each score costs, by its class: [distinct scores] each. */
interface Losses {
  readonly ofPositive: Float64Array;
  readonly ofNegative: Float64Array;
}

const squaredErrors = onceByScores(
  (scores): Losses => ({
    ofPositive: scores.map((score) => (1 - score) ** 2),
    ofNegative: scores.map((score) => score ** 2),
  }),
);

const logErrors = onceByScores(
  (scores): Losses => ({
    ofPositive: scores.map((score) => -Math.log(clipped(score))),
    ofNegative: scores.map((score) => -Math.log(1 - clipped(score))),
  }),
);

const calibrationBins = onceByScores((scores) =>
  Uint8Array.from(scores, (score) => Math.max(Math.ceil(score * CALIBRATION_BINS) - 1, 0)),
);

/** Brier score: the mean of (probability - label)^2 (Brier 1950). Null where there are no patches. */
export function brier(tally: Tally): number | null {
  return meanLoss(tally, squaredErrors(tally));
}

/**
 * Log loss in nats: the mean of -ln(probability of the true class). Probabilities are first clipped to
 * [eps, 1 - eps] with the float64 eps 2^-52 (as scikit-learn does for float64), so that one sure error costs 36, not
 * infinity. Null where there are no patches.
 */
export function logLoss(tally: Tally): number | null {
  return meanLoss(tally, logErrors(tally));
}

/**
 * Expected calibration error of the IDC class: the probabilities of IDC fall into 15 bins of equal width
 * ((b - 1) / 15, b / 15], zero into the first; the result is the mean over patches of
 * |mean probability in the bin - share of IDC in the bin|, as 0 to 1 (Naeini et al. 2015; the bins of Guo et al. 2017,
 * who bin the probability of the predicted class instead). Null where there are no patches.
 */
export function calibrationError(tally: Tally): number | null {
  const { scores, positives, negatives, positiveCount, negativeCount } = tally;
  if (positiveCount + negativeCount === 0) return null;
  const bins = calibrationBins(tally);
  // The sum of (probability - label) of a bin, whose size is that of the bin times the gap.
  const surplus = new Float64Array(CALIBRATION_BINS);
  for (let i = 0; i < scores.length; i++) {
    surplus[bins[i]!]! += scores[i]! * negatives[i]! - (1 - scores[i]!) * positives[i]!;
  }
  return surplus.reduce((sum, value) => sum + Math.abs(value), 0) / (positiveCount + negativeCount);
}

/** The mean over patches of a loss that depends on the score and the class. */
function meanLoss(
  { scores, positives, negatives, positiveCount, negativeCount }: Tally,
  { ofPositive, ofNegative }: Losses,
): number | null {
  if (positiveCount + negativeCount === 0) return null;
  let sum = 0;
  for (let i = 0; i < scores.length; i++) sum += positives[i]! * ofPositive[i]! + negatives[i]! * ofNegative[i]!;
  return sum / (positiveCount + negativeCount);
}

function clipped(score: number): number {
  return Math.min(Math.max(score, Number.EPSILON), 1 - Number.EPSILON);
}
