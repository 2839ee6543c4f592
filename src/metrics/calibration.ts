/**
 * Calibration: temperature scaling, and the bins of the reliability diagram. scoring_rules.ts measures calibration in
 * single numbers.
 */
import { CALIBRATION_BINS, calibrationBin } from "./scoring_rules.ts";
import { type Tally, tallyOf } from "./tally.ts";

/**
 * The largest logit used, 24 ln 2. A float32 probability below 1 is at most 1 - 2^-24, so larger logits are lost to
 * rounding. The probabilities 0 and 1 get -24 ln 2 and 24 ln 2.
 */
const LARGEST_LOGIT = 24 * Math.LN2;

/** At higher temperatures the probabilities are nearly 0.5; at lower ones they are nearly 0 or 1. */
const [LOWEST_TEMPERATURE, HIGHEST_TEMPERATURE] = [0.05, 20];

/** Bisection steps of the search: ln(20 / 0.05) / 2^60 is below a float64's precision. */
const HALVINGS = 60;

/**
 * The temperature T of temperature scaling (Guo et al. 2017) for two classes: p' = sigmoid(logit(p) / T). T is the
 * value from 0.05 to 20 with the smallest log loss on these patches. The loss is convex in 1 / T, so bisection of ln T
 * by the sign of the slope finds it.
 *
 * Special cases: T is 20 if the probabilities carry no information or are reversed. It is 0.05 if a threshold of 0.5
 * separates the classes without error. It is 1, which changes nothing, if T cannot be estimated: a class is absent
 * (more extreme probabilities would then always look better), or every probability is 0.5.
 * @param labels [n] 1 for IDC, 0 for none
 * @param probabilities [n] the probability of IDC, from 0 to 1
 * @throws UserError as `tallyOf`.
 */
export function fitTemperature(labels: ArrayLike<number>, probabilities: ArrayLike<number>): number {
  const tally = tallyOf(labels, probabilities);
  if (tally.positiveCount === 0 || tally.negativeCount === 0) return 1;
  const logits = tally.scores.map(clippedLogit);
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
 * A probability after temperature scaling, sigmoid(logit(p) / T). Logits are first clipped to +-24 ln 2, so that 0 and
 * 1, which result from float32 rounding, are scaled too. Scaling keeps the order of probabilities. Temperature 1 / T
 * reverses it.
 */
export function scaledProbability(probability: number, temperature: number): number {
  return sigmoid(clippedLogit(probability) / temperature);
}

/** The patches whose probability is in (low, high]; [0, high] for the first bin. */
export interface ReliabilityBin {
  readonly low: number;
  readonly high: number;
  readonly patches: number;
  /** Null if the bin is empty. */
  readonly meanProbability: number | null;
  /** The fraction of patches with IDC; null if the bin is empty. */
  readonly share: number | null;
}

/**
 * The numbers of the reliability diagram, in ten bins of equal width. `calibrationError` uses the same bins: it is the
 * mean over patches of |mean probability - share| in the patch's bin.
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

/** The derivative of the summed log loss with respect to 1 / T: the sum of logit x (probability - label). */
function lossSlope({ positives, negatives }: Tally, logits: Float64Array, inverseTemperature: number): number {
  let sum = 0;
  for (let i = 0; i < logits.length; i++) {
    const probability = sigmoid(logits[i]! * inverseTemperature);
    sum += logits[i]! * (negatives[i]! * probability - positives[i]! * (1 - probability));
  }
  return sum;
}

/** The logit of a probability, from -24 ln 2 to 24 ln 2. */
export function clippedLogit(probability: number): number {
  const logit = Math.log(probability) - Math.log1p(-probability);
  return Math.min(Math.max(logit, -LARGEST_LOGIT), LARGEST_LOGIT);
}

/** 1 / (1 + e^-x). For x < 0 it uses e^x / (1 + e^x), which keeps the precision of small probabilities. */
function sigmoid(x: number): number {
  const small = Math.exp(-Math.abs(x));
  return x < 0 ? small / (1 + small) : 1 / (1 + small);
}
