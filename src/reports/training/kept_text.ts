/** In words: which weights of a training were kept, and why. */
import type { ModelCard } from "../../artifacts/model_card.ts";
import type { Kept } from "../../options/training/keep.ts";

type KeptEpochs = Pick<Kept, "keep" | "epochs">;

/** "epochs 17 to 20", or "epoch 20". */
export function epochsText(epochs: readonly number[]): string {
  const [first, last] = [epochs[0], epochs.at(-1)];
  return first === last ? `epoch ${first}` : `epochs ${first} to ${last}`;
}

/** "epoch 16, the best AUROC on the validation split", "epoch 20, the last", "the mean of the weights after epochs 17 to 20". */
export function keptWords({ keep, epochs }: KeptEpochs): string {
  if (keep === "average") return `the mean of the weights after ${epochsText(epochs)}`;
  return `${epochsText(epochs)}, ${keep === "best" ? "the best AUROC on the validation split" : "the last"}`;
}

/** What the validation split chose of a model: "the epoch, the temperature and the threshold". */
export const chosenOnValidation = (keep: unknown = "best"): string =>
  `${keep === "best" ? "the epoch, " : ""}the temperature and the threshold`;

/** `keptWords` from a model's card; undefined if its epoch is unknown. Cards of earlier versions name only the epoch. */
export function keptWordsOf({ epoch, mean_from, kept }: Pick<ModelCard, "epoch" | "mean_from" | "kept">) {
  if (epoch === null) return undefined;
  const epochs = mean_from === undefined ? [epoch] : [mean_from, epoch];
  return kept === undefined ? epochsText(epochs) : keptWords({ keep: kept, epochs });
}
