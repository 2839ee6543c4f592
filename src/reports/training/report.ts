/** The result of the command "train": the folder of a run, its history, and the model that it kept. */
import type { EpochRow } from "../../util/epoch.ts";
import type { KeptModel } from "../../util/reporter.ts";

export interface TrainResult {
  /** The run's folder. */
  readonly folder: string;
  /** The best epoch by AUROC on the validation split, with its model file; null if no epoch has an AUROC. */
  readonly best: KeptModel | null;
  /** One row per epoch. */
  readonly history: readonly EpochRow[];
}
