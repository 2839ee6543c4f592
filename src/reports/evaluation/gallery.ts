/** Selects the patches that a report shows: the most confident errors and the hardest cases. */

/** One evaluated patch. */
export interface ShownPatch {
  /** The record's index in the dataset. */
  readonly index: number;
  readonly id: string;
  readonly case: string;
  readonly label: 0 | 1;
  readonly probability: number;
}

/** A case, with the patches whose probability is furthest from the label. */
export interface HardCase {
  readonly case: string;
  readonly patches: number;
  /** The mean of (probability - label)^2 over the case's patches. */
  readonly brier: number;
  readonly worst: readonly ShownPatch[];
}

export interface Gallery {
  /** False positives, the most confident first. */
  readonly false_positives: readonly ShownPatch[];
  /** False negatives, the most confident first. */
  readonly false_negatives: readonly ShownPatch[];
  /**
   * The cases with the highest Brier score, among those with enough patches. The Brier score is defined for every case,
   * even if the case has only one class.
   */
  readonly hardest_cases: readonly HardCase[];
}

const MISTAKES = 12;

const HARDEST_CASES = 3;

const PATCHES_A_CASE = 6;

/** Smaller cases may have a high score by chance. */
const FEWEST_PATCHES = 20;

/** Selects the patches to show. Ties keep the order of the dataset. */
export function chooseGallery(patches: readonly ShownPatch[], threshold: number): Gallery {
  const surest = (label: 0 | 1) =>
    patches
      .filter((patch) => patch.label === label && patch.probability >= threshold === (label === 0))
      .sort((a, b) => errorOf(b) - errorOf(a))
      .slice(0, MISTAKES);
  return { false_positives: surest(0), false_negatives: surest(1), hardest_cases: hardestCases(patches) };
}

function hardestCases(patches: readonly ShownPatch[]): HardCase[] {
  const named = patches.filter((patch) => patch.case !== "");
  return [...Map.groupBy(named, (patch) => patch.case)]
    .filter(([, members]) => members.length >= FEWEST_PATCHES)
    .map(([caseId, members]) => ({
      case: caseId,
      patches: members.length,
      brier: members.reduce((sum, patch) => sum + errorOf(patch) ** 2, 0) / members.length,
      worst: [...members].sort((a, b) => errorOf(b) - errorOf(a)).slice(0, PATCHES_A_CASE),
    }))
    .sort((a, b) => b.brier - a.brier)
    .slice(0, HARDEST_CASES);
}

function errorOf({ label, probability }: ShownPatch): number {
  return Math.abs(probability - label);
}
