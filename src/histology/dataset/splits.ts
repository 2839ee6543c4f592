/** Assigns cases or patches to training, validation and test. The result depends only on the counts and a seed. */
import { RandomStream } from "../../system/random.ts";
import { DEFAULT_SHARES, partShares, SPLITS, type Split, type SplitShares } from "./split_names.ts";
import { balancedParts, type CaseCounts } from "./stratify.ts";

/**
 * Assigns whole cases to splits, as close to the shares as possible. With at least three cases, no split is empty. The
 * order of `cases` does not matter.
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
 * The tutorial's split: shuffles all patches, then takes the first 80 % for training and the rest for testing, then the
 * first 10 % of the training share for validation. Other shares are rounded down in the same way. Patches of one case
 * can be in several splits.
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

/** The tutorial's arithmetic: int(count * train), then int(trainAndVal * validation). */
export function patchCounts(
  count: number,
  { train, validation }: SplitShares,
): { readonly trainAndVal: number; readonly val: number } {
  const trainAndVal = Math.floor(count * train);
  return { trainAndVal, val: Math.floor(trainAndVal * validation) };
}
