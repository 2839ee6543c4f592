/** The names of the splits, and their shares of the patches. */

export const SPLITS = ["train", "val", "test"] as const;

export type Split = (typeof SPLITS)[number];

/** The size of the splits. The two numbers have the same meaning as in the tutorial. */
export interface SplitShares {
  /** The fraction of all patches for training, including the validation patches. The rest is for testing. */
  readonly train: number;
  /** The fraction of the training share for validation. */
  readonly validation: number;
}

/** The shares of the tutorial. */
export const DEFAULT_SHARES: SplitShares = { train: 0.8, validation: 0.1 };

/** The fraction of all patches that each split gets: 0.8 and 0.1 give 0.72, 0.08 and 0.2. */
export function partShares({ train, validation }: SplitShares): Record<Split, number> {
  // Rounded to twelve digits: unrounded, 0.8 * 0.9 is 0.7200000000000001, which would give a different split.
  const rounded = (share: number) => Number(share.toFixed(12));
  return {
    train: rounded(train * (1 - validation)),
    val: rounded(train * validation),
    test: rounded(1 - train),
  };
}

/** The splits without any patch. */
export function emptySplits(splits: readonly Split[]): Split[] {
  return SPLITS.filter((split) => !splits.includes(split));
}

export const SPLIT_METHODS = ["case", "patch", "folders"] as const;

/** With fewer folds, no cases are left for training. */
export const FEWEST_FOLDS = 3;
