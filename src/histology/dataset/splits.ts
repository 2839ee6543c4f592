/** Which case, or which patch, is for training, validation or testing: pure functions of the counts and a seed. */
import { RandomStream } from "../../util/random.ts";
import { balancedParts, type CaseCounts } from "./balance.ts";

export const SPLITS = ["train", "val", "test"] as const;
export type Split = (typeof SPLITS)[number];

/** The parts that a split by case aims at: those of the tutorial, in patches. */
export const TARGET_SHARES: Record<Split, number> = { train: 0.72, val: 0.08, test: 0.2 };

/**
 * Assigns whole cases to splits of the target shares. From three cases on, no split is empty. The order of `cases` does not
 * matter.
 */
export function splitByCase(cases: readonly CaseCounts[], seed: number): Map<string, Split> {
  const parts = balancedParts(
    cases,
    SPLITS.map((split) => TARGET_SHARES[split]),
    seed,
  );
  return new Map([...parts].map(([caseId, part]) => [caseId, SPLITS[part]!]));
}

/**
 * The tutorial's own split: all patches shuffled, the first 80 % for training and the rest for testing, then the first
 * 10 % of the training part for validation. Patches of a case land in several splits.
 * @returns the split of each of `count` patches.
 */
export function splitByPatch(count: number, seed: number): Split[] {
  const order = new RandomStream(seed, "patch order").shuffle(Uint32Array.from({ length: count }, (_, index) => index));
  const trainAndVal = Math.floor(count * 0.8);
  const val = Math.floor(trainAndVal * 0.1);
  const splits = new Array<Split>(count);
  for (const [position, index] of order.entries()) {
    splits[index] = position < val ? "val" : position < trainAndVal ? "train" : "test";
  }
  return splits;
}
