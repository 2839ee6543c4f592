/** Which case, or which patch, is for training, validation or testing: pure functions of the counts and a seed. */
import { RandomStream } from "../../system/random.ts";
import { balancedParts, type CaseCounts } from "./balance.ts";

export const SPLITS = ["train", "val", "test"] as const;
export type Split = (typeof SPLITS)[number];

/** How much is for training, with the tutorial's meaning of its two numbers. */
export interface SplitShares {
  /** Of all patches: the training part, the validation patches included. The rest is for testing. */
  readonly train: number;
  /** Of the training part: what is for validation. */
  readonly validation: number;
}

/** The shares of the tutorial. */
export const DEFAULT_SHARES: SplitShares = { train: 0.8, validation: 0.1 };

/** The share of all patches that each split gets: .8 and .1 are .72, .08 and .2. */
export function partShares({ train, validation }: SplitShares): Record<Split, number> {
  // Twelve digits: 0.8 * 0.9 alone would be 0.7200000000000001, and that would be another split.
  const rounded = (share: number) => Number(share.toFixed(12));
  return {
    train: rounded(train * (1 - validation)),
    val: rounded(train * validation),
    test: rounded(1 - train),
  };
}

/**
 * Assigns whole cases to splits, as near to the shares as whole cases allow. From three cases on, no split is empty. The order of
 * `cases` does not matter.
 */
export function splitByCase(
  cases: readonly CaseCounts[],
  seed: number,
  shares: SplitShares = DEFAULT_SHARES,
): Map<string, Split> {
  const wanted = partShares(shares);
  const parts = balancedParts(
    cases,
    SPLITS.map((split) => wanted[split]),
    seed,
  );
  return new Map([...parts].map(([caseId, part]) => [caseId, SPLITS[part]!]));
}

/**
 * The tutorial's own split: all patches shuffled, the first 80 % for training and the rest for testing, then the first
 * 10 % of the training part for validation; or other shares, likewise rounded down. Patches of a case land in several splits.
 * @returns the split of each of `count` patches.
 */
export function splitByPatch(count: number, seed: number, shares: SplitShares = DEFAULT_SHARES): Split[] {
  const order = new RandomStream(seed, "patch order").shuffle(Uint32Array.from({ length: count }, (_, index) => index));
  const { trainAndVal, val } = patchCounts(count, shares);
  const splits = new Array<Split>(count);
  for (const [position, index] of order.entries()) {
    splits[index] = position < val ? "val" : position < trainAndVal ? "train" : "test";
  }
  return splits;
}

/** The tutorial's arithmetic: int(count * train), and of that int(part * validation). */
export function patchCounts(
  count: number,
  { train, validation }: SplitShares,
): { readonly trainAndVal: number; readonly val: number } {
  const trainAndVal = Math.floor(count * train);
  return { trainAndVal, val: Math.floor(trainAndVal * validation) };
}
