/** Decision curves: the benefit of a model's calls compared with calling all patches IDC or none. */
import type { Tally } from "./tally.ts";

/**
 * Net benefit in true positives per patch. The threshold probability p sets the cost of a false positive relative to
 * the benefit of a true positive: p / (1 - p).
 */
export interface DecisionPoint {
  readonly threshold: number;
  /** The model: a patch is called IDC if its probability is at least the threshold. */
  readonly model: number;
  /** Every patch is called IDC. */
  readonly all: number;
  /** No patch is called IDC: always 0. */
  readonly none: number;
}

const THRESHOLDS = Array.from({ length: 99 }, (_, i) => (i + 1) / 100);

/**
 * Decision curve analysis (Vickers & Elkin 2006): tp / n - fp / n x p / (1 - p) at each threshold probability p. It
 * takes probabilities literally, so a model that is not calibrated can be worse than calling all patches or none. The
 * result holds for the fraction of IDC in this set. Null if there are no patches.
 * @param thresholds rising, from 0 to below 1
 */
export function decisionCurve(tally: Tally, thresholds: readonly number[] = THRESHOLDS): DecisionPoint[] | null {
  const { scores, positives, negatives, positiveCount, negativeCount } = tally;
  const patches = positiveCount + negativeCount;
  if (patches === 0) return null;
  // Start with all patches called IDC. As the threshold rises, drop the patches below it, lowest score first.
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
