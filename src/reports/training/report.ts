/** The result of the command "train": the folder of a run, its history, and the model that it kept. */
import type { EpochRow } from "../../util/epoch.ts";
import type { KeptModel } from "../../util/reporter.ts";

export type { KeptModel };

export interface TrainResult {
  /** The run's folder. */
  readonly folder: string;
  /** The epochs whose weights were kept, with the model file; null if no epoch is finished. */
  readonly kept: KeptModel | null;
  /** One row per epoch. */
  readonly history: readonly EpochRow[];
}
