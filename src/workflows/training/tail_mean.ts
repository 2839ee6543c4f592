/** The mean of the weights over the last epochs of a training, updated once per epoch and saved in checkpoints. */
import type { Position, TailMean } from "../../artifacts/checkpoint.ts";
import { type Arrays, type ModelDescription, parametersOf } from "../../engine/nn/model.ts";
import { type KeepName, tailStart } from "../../options/training/keep.ts";
import { UserError } from "../../util/errors.ts";

interface Rule {
  readonly keep: KeepName;
  readonly epochs: number;
}

/**
 * The mean with the weights after one more epoch; undefined outside the tail, or if the rule needs no mean.
 * @param epoch the finished epoch, from 1
 */
export function tailMeanAfter(
  epoch: number,
  { before, arrays, model }: { before: TailMean | undefined; arrays: Arrays; model: ModelDescription },
  { keep, epochs }: Rule,
): TailMean | undefined {
  const start = tailStart(epochs);
  if (keep !== "average" || epoch < start) return undefined;
  const count = epoch - start + 1;
  const weights = parametersOf(model).filter(({ role }) => role === "weight");
  // The update uses double precision and is rounded once, so a resumed training gets the same bits.
  const mean = weights.map(({ name }) => {
    const [now, sofar] = [arrays.get(name)!, before?.arrays.get(name)];
    return [name, sofar ? sofar.map((value, place) => value + (now[place]! - value) / count) : now.slice()] as const;
  });
  return { start, arrays: new Map(mean) };
}

/**
 * The mean of a checkpoint, for a training of this many epochs. Raising the epochs moves the start of the tail.
 * @returns undefined if the tail has not begun
 * @throws UserError if the checkpoint's mean contains epochs before the tail: they cannot be taken out of it.
 */
export function tailMeanFor({ epoch, tailMean }: Position, { keep, epochs }: Rule): TailMean | undefined {
  const start = tailStart(epochs);
  if (keep !== "average" || start > epoch) return undefined;
  if (tailMean?.start === start) return tailMean;
  let fewest = epochs;
  while (tailStart(fewest) <= epoch) fewest++;
  throw new UserError(
    "run-mismatch",
    `--epochs is ${epochs}, so --keep average needs the mean of the weights from epoch ${start} on, but the run holds the ` +
      `mean from epoch ${tailMean?.start ?? "(none)"} on: raise --epochs to at least ${fewest}, or train again with --out.`,
  );
}
