/** A training's history, an epoch per row: what is drawn of it, and history.csv as text. */
import { toCsv } from "../util/csv.ts";

/** What was measured in one epoch; the first epoch is 1. */
export interface HistoryRow {
  epoch: number;
  loss: number;
  accuracy: number;
  valLoss: number;
  valAccuracy: number;
  valAuroc: number;
}

/** The columns that later commands read. */
export const HISTORY_COLUMNS = ["epoch", "loss", "accuracy", "val_loss", "val_accuracy", "val_auroc"] as const;

/** An epoch of history.csv; the learning rate is that of its last step. */
export type EpochRow = HistoryRow & { readonly learningRate: number };

/** The text of history.csv. */
export function historyCsv(history: readonly EpochRow[]): string {
  const rows = history.map((row) => [
    row.epoch,
    row.loss,
    row.accuracy,
    row.valLoss,
    row.valAccuracy,
    row.valAuroc,
    row.learningRate,
  ]);
  return toCsv([...HISTORY_COLUMNS, "learning_rate"], rows);
}
