/**
 * Which weights of a training `model.onnx` holds: the rules by name, and the epochs that each rule keeps. The mean of
 * the weights is computed in workflows/training/tail_mean.ts.
 */
import type { EpochRow } from "../../util/epoch.ts";

export const KEEP_NAMES = ["best", "last", "average"] as const;

export type KeepName = (typeof KEEP_NAMES)[number];

/** What a training has kept. */
export interface Kept {
  readonly keep: KeepName;
  /** The epochs whose weights are kept, counted from 1: one epoch, or all epochs of a mean. */
  readonly epochs: readonly number[];
  /** The AUROC of the kept weights on the validation split; null if it is not known. */
  readonly val_auroc: number | null;
}

/** The mean is over a fifth of the epochs, and at least two: the annealed end of a one-cycle schedule. */
const TAIL_SHARE = 1 / 5;
const SHORTEST_TAIL = 2;

/** The first epoch (from 1) of the mean of the weights, in a training of this many epochs. */
export function tailStart(epochs: number): number {
  return epochs - Math.min(epochs, Math.max(SHORTEST_TAIL, Math.ceil(epochs * TAIL_SHARE))) + 1;
}

/** The row with the highest validation AUROC, the first one if there are ties; undefined if there is no AUROC. */
export function bestByAuroc<R extends Pick<EpochRow, "val_auroc">>(history: readonly R[]): R | undefined {
  return history
    .filter(({ val_auroc }) => Number.isFinite(val_auroc))
    .reduce<R | undefined>((best, row) => (best && best.val_auroc >= row.val_auroc ? best : row), undefined);
}

/**
 * What `model.onnx` holds after the epochs of the history. With the rule "average" an unfinished training keeps its last
 * finished epoch.
 * @param epochs the epochs of the whole training
 * @param averageAuroc the validation AUROC of the mean of the weights, which is in no row
 * @returns undefined if nothing is kept yet
 */
export function keptOf(
  history: readonly Pick<EpochRow, "epoch" | "val_auroc">[],
  { keep, epochs }: { readonly keep: KeepName; readonly epochs: number },
  averageAuroc: number | null = null,
): Kept | undefined {
  if (keep === "average" && history.length > 0 && history.length >= epochs) {
    const tail = history.slice(tailStart(epochs) - 1).map(({ epoch }) => epoch);
    return { keep, epochs: tail, val_auroc: averageAuroc };
  }
  const row = keep === "best" ? bestByAuroc(history) : history.at(-1);
  return (
    row && {
      keep: keep === "best" ? "best" : "last",
      epochs: [row.epoch],
      val_auroc: Number.isFinite(row.val_auroc) ? row.val_auroc : null,
    }
  );
}
