/**
 * Calibration: temperature scaling, and the bins of the reliability diagram. How good probabilities are in one number is left to
 * scoring_rules.ts.
 */
import { CALIBRATION_BINS, calibrationBin } from "./scoring_rules.ts";
import { type Tally, tallyOf } from "./tally.ts";

/**
 * The largest logit that is believed, 24 ln 2: a float32 probability comes no closer to 1 than 2^-24, so a logit beyond
 * that was rounded away, and 0 and 1 stand for this one.
 */
const LARGEST_LOGIT = 24 * Math.LN2;

/** Beyond these the probabilities are all but one half, or all but labels. */
const [LOWEST_TEMPERATURE, HIGHEST_TEMPERATURE] = [0.05, 20];

/** Halvings of the search: ln(20 / 0.05) / 2^60 is below a float64's precision. */
const HALVINGS = 60;

/**
 * The temperature of temperature scaling (Guo et al. 2017) for two classes: p' = sigmoid(logit(p) / T), T being the one of
 * 0.05 to 20 with the least log loss on these patches. The loss is convex in 1 / T, so halving the interval of ln T by the sign
 * of the slope finds it. 20 is the answer if the probabilities say nothing, or the opposite; 0.05 if they part the
 * classes at one half; and 1, which changes nothing, if there is nothing to learn from: a class is absent (any more sureness
 * would then look better), or every probability is one half.
 * @param labels [n] 1 for IDC, 0 for none
 * @param probabilities [n] the probability of IDC, from 0 to 1
 * @throws UserError as `tallyOf`.
 */
export function fitTemperature(labels: ArrayLike<number>, probabilities: ArrayLike<number>): number {
  const tally = tallyOf(labels, probabilities);
  if (tally.positiveCount === 0 || tally.negativeCount === 0) return 1;
  const logits = tally.scores.map(logitOf);
  if (logits.every((logit) => logit === 0)) return 1;
  const slope = (temperature: number) => lossSlope(tally, logits, 1 / temperature);
  if (slope(HIGHEST_TEMPERATURE) >= 0) return HIGHEST_TEMPERATURE;
  if (slope(LOWEST_TEMPERATURE) <= 0) return LOWEST_TEMPERATURE;
  let [low, high] = [Math.log(LOWEST_TEMPERATURE), Math.log(HIGHEST_TEMPERATURE)];
  for (let i = 0; i < HALVINGS; i++) {
    const middle = (low + high) / 2;
    if (slope(Math.exp(middle)) > 0) low = middle;
    else high = middle;
  }
  return Math.exp((low + high) / 2);
}

/**
 * A probability after temperature scaling, sigmoid(logit(p) / T); logits are first held within +-24 ln 2, so that 0 and 1,
 * which float32 only rounds to, are scaled too. The order of probabilities is kept. Temperature 1 / T takes it back.
 */
export function scaledProbability(probability: number, temperature: number): number {
  return sigmoid(logitOf(probability) / temperature);
}

/** The patches whose probability lies in (low, high], or [0, high] in the first bin. */
export interface ReliabilityBin {
  readonly low: number;
  readonly high: number;
  readonly patches: number;
  /** Null if the bin is empty. */
  readonly meanProbability: number | null;
  /** The share of patches with IDC; null if the bin is empty. */
  readonly share: number | null;
}

/**
 * The reliability diagram's numbers: ten bins of equal width, the very ones of `calibrationError`, which is the mean of
 * |mean probability - share| over the patches of these bins.
 * @throws UserError as `tallyOf`.
 */
export function reliabilityBins(labels: ArrayLike<number>, probabilities: ArrayLike<number>): ReliabilityBin[] {
  const { scores, positives, negatives } = tallyOf(labels, probabilities);
  const bins = CALIBRATION_BINS;
  const [patches, withIdc, sums] = [new Float64Array(bins), new Float64Array(bins), new Float64Array(bins)];
  for (let i = 0; i < scores.length; i++) {
    const bin = calibrationBin(scores[i]!);
    const count = positives[i]! + negatives[i]!;
    patches[bin]! += count;
    withIdc[bin]! += positives[i]!;
    sums[bin]! += count * scores[i]!;
  }
  return Array.from(patches, (count, bin) => ({
    low: bin / bins,
    high: (bin + 1) / bins,
    patches: count,
    meanProbability: count === 0 ? null : sums[bin]! / count,
    share: count === 0 ? null : withIdc[bin]! / count,
  }));
}

/** The derivative of the summed log loss by 1 / T: the sum of logit x (probability - label). */
function lossSlope({ positives, negatives }: Tally, logits: Float64Array, inverseTemperature: number): number {
  let sum = 0;
  for (let i = 0; i < logits.length; i++) {
    const probability = sigmoid(logits[i]! * inverseTemperature);
    sum += logits[i]! * (negatives[i]! * probability - positives[i]! * (1 - probability));
  }
  return sum;
}

function logitOf(probability: number): number {
  const logit = Math.log(probability) - Math.log1p(-probability);
  return Math.min(Math.max(logit, -LARGEST_LOGIT), LARGEST_LOGIT);
}

/** 1 / (1 + e^-x). Below zero e^x / (1 + e^x), which keeps the digits of small probabilities. */
function sigmoid(x: number): number {
  const small = Math.exp(-Math.abs(x));
  return x < 0 ? small / (1 + small) : 1 / (1 + small);
}
