/**
 * Finds patches whose label is probably wrong: confident learning (Northcutt, Jiang, Chuang 2021, "Confident Learning:
 * Estimating Uncertainty in Dataset Labels", J. Artificial Intelligence Research 70). The probabilities must come from a
 * model that was not trained on these patches, such as the folds of a cross-validation.
 */
import { UserError } from "../util/errors.ts";
import { counted } from "../util/numbers.ts";
import { type Names, type Tally, tallyOf } from "./tally.ts";

/** A number for the patches labelled none and one for those labelled IDC. */
export interface ByLabel {
  readonly none: number;
  readonly idc: number;
}

/** Suspected label errors. */
export interface SuspectedLabels {
  /**
   * The mean probability of the label over the patches with that label. A patch counts confidently as a class if the
   * class's probability is at least this.
   */
  readonly thresholds: ByLabel;
  /**
   * [n] The normalized margin: the probability of the label minus that of the other class, from -1 (most suspicious) to
   * 1. All patches can be sorted by it.
   */
  readonly margins: Float64Array;
  /**
   * The patches that count confidently as the other class and not, or less probably, as their label; the lowest margin
   * first, equal ones in the order of the patches.
   */
  readonly suspected: Uint32Array;
  /** The number of `suspected`, by label. */
  readonly counts: ByLabel;
  /**
   * The estimated number of wrong labels, by label: the share of the suspected ones among the patches that count
   * confidently as a class, times the patches with the label (the calibrated confident joint).
   */
  readonly estimated: ByLabel;
}

/**
 * Suspects labels.
 * @param labels [n] 1 for IDC, 0 for none
 * @param probabilities [n] the probability of IDC, from 0 to 1
 * @param names the class names for errors
 * @throws UserError as `tallyOf`, or if a class is absent.
 */
export function suspectedLabels(
  labels: ArrayLike<number>,
  probabilities: ArrayLike<number>,
  names: Names = ["no IDC", "IDC"],
): SuspectedLabels {
  const tally = tallyOf(labels, probabilities, names);
  const { positiveCount, negativeCount } = tally;
  if (positiveCount === 0 || negativeCount === 0) {
    throw new UserError(
      "class-missing",
      `Suspected labels need patches of both classes, but ${counted(positiveCount, "patch")} labelled ${names[1]} and ` +
        `${negativeCount} labelled ${names[0]} were given: give patches of both.`,
    );
  }
  const thresholds = { none: selfConfidence(tally, 0), idc: selfConfidence(tally, 1) };
  const margins = new Float64Array(labels.length);
  const suspected: number[] = [];
  const [counts, confident] = [
    [0, 0],
    [0, 0],
  ] as [[number, number], [number, number]];
  for (let patch = 0; patch < margins.length; patch++) {
    const label = labels[patch] as 0 | 1;
    const [none, idc] = [1 - probabilities[patch]!, probabilities[patch]!];
    const [own, other] = label === 1 ? [idc, none] : [none, idc];
    margins[patch] = own - other;
    const [ownAt, otherAt] = label === 1 ? [thresholds.idc, thresholds.none] : [thresholds.none, thresholds.idc];
    const isOwn = own >= ownAt;
    const isOther = other >= otherAt;
    if (isOwn || isOther) confident[label]++;
    if (!isOther || (isOwn && own >= other)) continue;
    counts[label]++;
    suspected.push(patch);
  }
  suspected.sort((a, b) => margins[a]! - margins[b]!);
  return {
    thresholds,
    margins,
    suspected: Uint32Array.from(suspected),
    counts: { none: counts[0], idc: counts[1] },
    estimated: {
      none: (counts[0] / confident[0]) * negativeCount,
      idc: (counts[1] / confident[1]) * positiveCount,
    },
  };
}

/** The mean probability of a label over its patches; at most the largest one, which rounding could exceed. */
function selfConfidence({ scores, positives, negatives, positiveCount, negativeCount }: Tally, label: 0 | 1): number {
  const [counts, total] = label === 1 ? [positives, positiveCount] : [negatives, negativeCount];
  let [sum, largest] = [0, 0];
  for (let i = 0; i < scores.length; i++) {
    if (counts[i] === 0) continue;
    const confidence = label === 1 ? scores[i]! : 1 - scores[i]!;
    sum += counts[i]! * confidence;
    largest = Math.max(largest, confidence);
  }
  return Math.min(sum / total, largest);
}
