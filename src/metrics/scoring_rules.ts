/** How far probabilities are from the labels, without a threshold; scaling them is left to others. */
import { type Influence, meanInfluence } from "./influence.ts";
import type { Tally } from "./tally.ts";

/** The bins of the calibration error and of the reliability diagram. */
export const CALIBRATION_BINS = 10;

const squaredErrors = ({ scores }: Tally): Influence => ({
  ofPositive: scores.map((score) => (1 - score) ** 2),
  ofNegative: scores.map((score) => score ** 2),
});

const logErrors = ({ scores }: Tally): Influence => ({
  ofPositive: scores.map((score) => -Math.log(clipped(score))),
  ofNegative: scores.map((score) => -Math.log(1 - clipped(score))),
});

/** The bin of a probability: ((b - 1) / bins, b / bins], zero in the first. */
export const calibrationBin = (probability: number): number =>
  Math.max(Math.ceil(probability * CALIBRATION_BINS) - 1, 0);

const calibrationBins = ({ scores }: Tally) => scores.map(calibrationBin);

/** Brier score: the mean of (probability - label)^2 (Brier 1950). Null if there are no patches. */
export function brier(tally: Tally): number | null {
  return meanLoss(tally, squaredErrors(tally));
}

/** Of the Brier score; there are patches. */
export function brierInfluence(tally: Tally): Influence {
  return meanInfluence(squaredErrors(tally), tally, brier(tally)!);
}

/**
 * Log loss in nats: the mean of -ln(probability of the true class). Probabilities are first clipped to
 * [eps, 1 - eps] with the float64 eps 2^-52 (as scikit-learn does for float64), so that one sure error costs 36, not
 * infinity. Null if there are no patches.
 */
export function logLoss(tally: Tally): number | null {
  return meanLoss(tally, logErrors(tally));
}

/** Of the log loss; there are patches. */
export function logLossInfluence(tally: Tally): Influence {
  return meanInfluence(logErrors(tally), tally, logLoss(tally)!);
}

/**
 * Expected calibration error of the IDC class: the probabilities of IDC fall into the bins of the reliability diagram (ten of equal
 * width, see `calibrationBin`); the result is the mean over patches of |mean probability in the bin - share of IDC in the bin|, as 0 to 1
 * (Naeini et al. 2015; Guo et al. 2017 bin the probability of the predicted class instead). Null if there are no patches.
 */
export function calibrationError(tally: Tally): number | null {
  const patches = tally.positiveCount + tally.negativeCount;
  return patches === 0 ? null : surpluses(tally).reduce((sum, value) => sum + Math.abs(value), 0) / patches;
}

/** Of the calibration error, while no bin's surplus changes its sign; there are patches. */
export function calibrationErrorInfluence(tally: Tally): Influence {
  const signs = surpluses(tally).map(Math.sign);
  const bins = calibrationBins(tally);
  const gaps = {
    ofPositive: tally.scores.map((score, i) => signs[bins[i]!]! * (score - 1)),
    ofNegative: tally.scores.map((score, i) => signs[bins[i]!]! * score),
  };
  return meanInfluence(gaps, tally, calibrationError(tally)!);
}

/** The sum of (probability - label) in each bin: the bin's size times its gap. */
function surpluses(tally: Tally): Float64Array {
  const { scores, positives, negatives } = tally;
  const bins = calibrationBins(tally);
  const surplus = new Float64Array(CALIBRATION_BINS);
  for (let i = 0; i < scores.length; i++) {
    surplus[bins[i]!]! += scores[i]! * negatives[i]! - (1 - scores[i]!) * positives[i]!;
  }
  return surplus;
}

/** The mean over patches of a loss that depends on the score and the class. */
function meanLoss(
  { scores, positives, negatives, positiveCount, negativeCount }: Tally,
  { ofPositive, ofNegative }: Influence,
): number | null {
  if (positiveCount + negativeCount === 0) return null;
  let sum = 0;
  for (let i = 0; i < scores.length; i++) sum += positives[i]! * ofPositive[i]! + negatives[i]! * ofNegative[i]!;
  return sum / (positiveCount + negativeCount);
}

function clipped(score: number): number {
  return Math.min(Math.max(score, Number.EPSILON), 1 - Number.EPSILON);
}
