/** One run: its settings and its history. */
import type { EPOCH_COLUMNS } from "../../util/epoch.ts";

/** A row of history.csv; null if a value is not defined. */
export type RunEpoch = Readonly<
  Record<Exclude<(typeof EPOCH_COLUMNS)[number], "learning_rate" | "epoch">, number | null>
> & { readonly epoch: number };

/** A longer history is thinned, so that an answer stays small. */
export const MOST_EPOCHS = 5000;

/** Answer of GET /api/runs/:id. */
export interface RunAnswer {
  readonly engine: string;
  readonly device: string;
  /** The settings by property, without the paths. */
  readonly settings: Readonly<Record<string, string | number | boolean>>;
  /** The versions of the software that began the run. */
  readonly software: Readonly<Record<string, string>>;
  /** In the order of the epochs; the last epoch and the first and last of the kept ones are always among them. */
  readonly history: readonly RunEpoch[];
}
