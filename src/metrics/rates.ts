/**
 * Rates of the confusion counts at one threshold. IDC is the positive class. A rate is null if its denominator is zero
 * (scikit-learn returns 0 or leaves the class out).
 */
import type { Confusion } from "./tally.ts";

/** The fraction of patches with a correct prediction. Null if there are no patches. */
export function accuracy({ tn, fp, fn, tp }: Confusion): number | null {
  return ratio(tp + tn, tn + fp + fn + tp);
}

/** The fraction of patches with IDC that are predicted IDC, tp / (tp + fn): recall of IDC. Null if no patch has IDC. */
export function sensitivity({ tp, fn }: Confusion): number | null {
  return ratio(tp, tp + fn);
}

/** The fraction of patches without IDC that are not predicted IDC, tn / (tn + fp). Null if every patch has IDC. */
export function specificity({ tn, fp }: Confusion): number | null {
  return ratio(tn, tn + fp);
}

/** The mean of sensitivity and specificity. Null if a class is absent. */
export function balancedAccuracy(confusion: Confusion): number | null {
  const found = sensitivity(confusion);
  const cleared = specificity(confusion);
  return found === null || cleared === null ? null : (found + cleared) / 2;
}

/**
 * Positive predictive value, tp / (tp + fp): precision of IDC, at this set's fraction of IDC. Null if no patch is
 * predicted IDC.
 */
export function ppv({ tp, fp }: Confusion): number | null {
  return ratio(tp, tp + fp);
}

/** Negative predictive value, tn / (tn + fn), at this set's fraction of IDC. Null if every patch is predicted IDC. */
export function npv({ tn, fn }: Confusion): number | null {
  return ratio(tn, tn + fn);
}

/** F1 of the IDC class, 2 tp / (2 tp + fp + fn). Null if no patch has IDC and none is predicted IDC. */
export function f1({ fp, fn, tp }: Confusion): number | null {
  return ratio(2 * tp, 2 * tp + fp + fn);
}

/**
 * Matthews correlation coefficient, from -1 to 1: the correlation of label and prediction (Matthews 1975). Null if all
 * labels or all predictions are the same.
 */
export function mcc({ tn, fp, fn, tp }: Confusion): number | null {
  return ratio(tp * tn - fp * fn, Math.sqrt((tp + fp) * (tn + fn) * ((tp + fn) * (tn + fp))));
}

function ratio(numerator: number, denominator: number): number | null {
  return denominator === 0 ? null : numerator / denominator;
}
