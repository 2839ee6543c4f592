/** What the verb "train" gives: the folder of a run, its history and what it kept. */
import type { EpochRow } from "../../util/epoch.ts";
import type { KeptModel } from "../../util/reporter.ts";

export interface TrainResult {
  /** The run's folder. */
  readonly folder: string;
  /** The best epoch by AUROC on the validation split, and the file of its model; null if no epoch has an AUROC. */
  readonly best: KeptModel | null;
  /** A row for each epoch. */
  readonly history: readonly EpochRow[];
}
