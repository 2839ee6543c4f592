/** Which patches a report shows: the surest mistakes and the hardest cases. */

/** One evaluated patch. */
export interface ShownPatch {
  /** The record in the dataset. */
  readonly index: number;
  readonly id: string;
  readonly case: string;
  readonly label: 0 | 1;
  readonly probability: number;
}

/** A case and those of its patches that are furthest from their labels. */
export interface HardCase {
  readonly case: string;
  readonly patches: number;
  /** The mean of (probability - label)^2 over its patches. */
  readonly brier: number;
  readonly worst: readonly ShownPatch[];
}

export interface Gallery {
  /** Called IDC, but without, the surest first. */
  readonly false_positives: readonly ShownPatch[];
  /** Called free of IDC, but with, the surest first. */
  readonly false_negatives: readonly ShownPatch[];
  /** Of the cases with enough patches those with the highest Brier score, which every case has, whatever its classes. */
  readonly hardest_cases: readonly HardCase[];
}
