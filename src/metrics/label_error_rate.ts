/** How many labels are wrong, from the verdicts of a person who did not see them. */
import { type MetricEstimate, metricsWithIntervals } from "./intervals.ts";

/** A person's verdict on a patch. */
export interface Verdict {
  /** The case's name; "" if it is unknown. */
  readonly case: string;
  /** The label of the dataset: 1 for IDC. */
  readonly label: 0 | 1;
  /** The person's label; null for a patch that was left open (unsure, or to be excluded). */
  readonly verdict: 0 | 1 | null;
}

/** The share of wrong labels. */
export interface LabelErrorRate {
  /** Of all patches with a verdict. */
  readonly all: MetricEstimate;
  /** Of the patches labelled as having no IDC. */
  readonly none: MetricEstimate;
  /** Of the patches labelled IDC. */
  readonly idc: MetricEstimate;
  /** The number of patches with a verdict. */
  readonly judged: number;
  /** The number of patches that were left open, which the shares leave out. */
  readonly unsure: number;
  /** The number of wrong labels. */
  readonly wrong: number;
}

/**
 * The share of labels that the verdicts contradict, with its 95 % interval by case: 1 minus accuracy, specificity and
 * sensitivity of the verdicts as calls, with the intervals of `metricsWithIntervals`. If no label (or every label) is
 * contradicted, the interval is that of 0 of k (or k of k) cases by Clopper and Pearson, k being the effective number of
 * cases. It is null if the verdicts are on fewer than two cases, and the value if there are none.
 *
 * The share holds for the patches from which the judged ones were drawn at random.
 */
export function labelErrorRate(verdicts: readonly Verdict[]): LabelErrorRate {
  const judged = verdicts.filter(({ verdict }) => verdict !== null);
  const { accuracy, sensitivity, specificity } = metricsWithIntervals(
    {
      labels: judged.map(({ label }) => label),
      probabilities: judged.map(({ verdict }) => verdict!),
      cases: judged.map((one) => one.case),
    },
    0.5,
  );
  return {
    all: complement(accuracy),
    none: complement(specificity),
    idc: complement(sensitivity),
    judged: judged.length,
    unsure: verdicts.length - judged.length,
    wrong: judged.filter(({ label, verdict }) => label !== verdict).length,
  };
}

function complement({ value, low, high }: MetricEstimate): MetricEstimate {
  const rest = (share: number | null) => (share === null ? null : 1 - share);
  return { value: rest(value), low: rest(high), high: rest(low) };
}
