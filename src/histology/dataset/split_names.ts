/** The parts of a split by name, and the shares of the patches that they get. */

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

/** The splits that got no patch. */
export function emptySplits(splits: readonly Split[]): Split[] {
  return SPLITS.filter((split) => !splits.includes(split));
}

export const SPLIT_METHODS = ["case", "patch", "folders"] as const;

/** With fewer there is nothing left to train on. */
export const FEWEST_FOLDS = 3;
