/**
 * How often the labels of a dataset are wrong, from the blind verdicts of a journal. The interval is by case, as those
 * of all metrics are.
 */
import { metricsWithIntervals } from "../../metrics/intervals.ts";
import type { Correction } from "./entries.ts";
import { replay } from "./replay.ts";

/** A patch of the dataset, as its manifest describes it. */
interface LabelledPatch {
  readonly label: 0 | 1;
  readonly caseId: string;
}

/** The share of wrong labels among the patches that were judged blind. */
export interface LabelErrors {
  /** The patches with a verdict on their class. */
  readonly judged: number;
  /** The judged patches whose label in the dataset is another one. */
  readonly wrong: number;
  /** The patches whose verdict is "unsure" or "exclude". They are not counted above. */
  readonly undecided: number;
  /** wrong / judged, from 0 to 1; null if no patch was judged. */
  readonly rate: number | null;
  /** The 95 % interval for other cases; null as in `MetricEstimate`. */
  readonly low: number | null;
  readonly high: number | null;
}

/**
 * The error rate of the dataset's labels. It is an estimate for the whole dataset only if the patches were drawn at
 * random from all of it.
 * @param patchOf the patch of an id; undefined if the dataset does not have it, then its verdict does not count
 */
export function labelErrors(
  entries: readonly Correction[],
  patchOf: (id: string) => LabelledPatch | undefined,
): LabelErrors {
  const verdicts: { label: number; verdict: number; caseId: string }[] = [];
  let undecided = 0;
  for (const { patch: id, label: verdict } of replay(entries).blind.values()) {
    const patch = patchOf(id);
    if (patch === undefined) continue;
    if (verdict === "unsure" || verdict === "exclude") undecided++;
    else verdicts.push({ ...patch, verdict: verdict === "positive" ? 1 : 0 });
  }
  const judged = verdicts.length;
  const wrong = verdicts.filter(({ label, verdict }) => label !== verdict).length;
  if (judged === 0) return { judged, wrong, undecided, rate: null, low: null, high: null };
  // The labels as the answers of a classifier: their accuracy is the share of right labels.
  const sample = {
    labels: verdicts.map(({ label }) => label),
    probabilities: verdicts.map(({ verdict }) => verdict),
    cases: verdicts.map(({ caseId }) => caseId),
  };
  const { low, high } = metricsWithIntervals(sample, 0.5).accuracy;
  return { judged, wrong, undecided, rate: wrong / judged, low: complement(high), high: complement(low) };
}

const complement = (value: number | null): number | null => (value === null ? null : 1 - value);
