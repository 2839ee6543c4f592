/** Decision curves: what calling patches by a model is worth beside calling all or none; drawing is left to others. */
import type { Tally } from "./tally.ts";

/**
 * Net benefit in true positives a patch. A threshold probability p says what a false alarm costs beside a found IDC
 * patch: p / (1 - p).
 */
export interface DecisionPoint {
  readonly threshold: number;
  /** Calling IDC if the probability is at least the threshold. */
  readonly model: number;
  /** Calling every patch IDC. */
  readonly all: number;
  /** Calling none: always 0. */
  readonly none: number;
}

const THRESHOLDS = Array.from({ length: 99 }, (_, i) => (i + 1) / 100);

/**
 * Decision curve analysis (Vickers & Elkin 2006): tp / n - fp / n x p / (1 - p) at each threshold probability p. It reads
 * probabilities at their word, so that a model that is not calibrated can be worse than calling all or none, and it holds
 * for this set's share of IDC. Null if there are no patches.
 * @param thresholds rising, from 0 to below 1
 */
export function decisionCurve(tally: Tally, thresholds: readonly number[] = THRESHOLDS): DecisionPoint[] | null {
  const { scores, positives, negatives, positiveCount, negativeCount } = tally;
  const patches = positiveCount + negativeCount;
  if (patches === 0) return null;
  // From all patches called IDC, those below the rising threshold drop out, the lowest score first.
  let [next, tp, fp] = [scores.length - 1, positiveCount, negativeCount];
  return thresholds.map((threshold) => {
    for (; next >= 0 && scores[next]! < threshold; next--) {
      tp -= positives[next]!;
      fp -= negatives[next]!;
    }
    const cost = threshold / (1 - threshold);
    const worth = (found: number, alarms: number) => (found - alarms * cost) / patches;
    return { threshold, model: worth(tp, fp), all: worth(positiveCount, negativeCount), none: 0 };
  });
}
