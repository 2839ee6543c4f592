/** Measures how far probabilities are from the labels, without a threshold. calibration.ts rescales probabilities. */
import { type Influence, meanInfluence } from "./influence.ts";
import type { Tally } from "./tally.ts";

/** Number of bins of the calibration error and of the reliability diagram. */
export const CALIBRATION_BINS = 10;

const squaredErrors = ({ scores }: Tally): Influence => ({
  ofPositive: scores.map((score) => (1 - score) ** 2),
  ofNegative: scores.map((score) => score ** 2),
});

const logErrors = ({ scores }: Tally): Influence => ({
  ofPositive: scores.map((score) => -Math.log(clipped(score))),
  ofNegative: scores.map((score) => -Math.log(1 - clipped(score))),
});

/** The bin b, counted from 0, of a probability: (b / bins, (b + 1) / bins]. Zero is in the first bin. */
export const calibrationBin = (probability: number): number =>
  Math.max(Math.ceil(probability * CALIBRATION_BINS) - 1, 0);

const calibrationBins = ({ scores }: Tally) => scores.map(calibrationBin);

/** Brier score: the mean of (probability - label)^2 (Brier 1950). Null if there are no patches. */
export function brier(tally: Tally): number | null {
  return meanLoss(tally, squaredErrors(tally));
}

/** The influence on the Brier score; there must be patches. */
export function brierInfluence(tally: Tally): Influence {
  return meanInfluence(squaredErrors(tally), tally, brier(tally)!);
}

/**
 * Log loss in nats: the mean of -ln(probability of the true class). Probabilities are first clipped to [eps, 1 - eps]
 * with the float64 eps 2^-52 (as scikit-learn does for float64). A wrong probability of 0 or 1 then costs 36 instead of
 * infinity. Null if there are no patches.
 */
export function logLoss(tally: Tally): number | null {
  return meanLoss(tally, logErrors(tally));
}

/** The influence on the log loss; there must be patches. */
export function logLossInfluence(tally: Tally): Influence {
  return meanInfluence(logErrors(tally), tally, logLoss(tally)!);
}

/**
 * Expected calibration error of the IDC class, from 0 to 1. The probabilities of IDC are put into the ten bins of the
 * reliability diagram (see `calibrationBin`). The result is the mean over patches of |mean probability in the bin -
 * fraction of IDC in the bin| (Naeini et al. 2015; Guo et al. 2017 bin the probability of the predicted class instead).
 * Null if there are no patches.
 */
export function calibrationError(tally: Tally): number | null {
  const patches = tally.positiveCount + tally.negativeCount;
  return patches === 0 ? null : surpluses(tally).reduce((sum, value) => sum + Math.abs(value), 0) / patches;
}

/** The influence on the calibration error, as long as no bin's surplus changes its sign; there must be patches. */
export function calibrationErrorInfluence(tally: Tally): Influence {
  const signs = surpluses(tally).map(Math.sign);
  const bins = calibrationBins(tally);
  const gaps = {
    ofPositive: tally.scores.map((score, i) => signs[bins[i]!]! * (score - 1)),
    ofNegative: tally.scores.map((score, i) => signs[bins[i]!]! * score),
  };
  return meanInfluence(gaps, tally, calibrationError(tally)!);
}

/** The sum of (probability - label) in each bin: the number of patches in the bin times its gap. */
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
