/** The stored history of a training, with one row per epoch, in history.csv and in checkpoints. */
import * as z from "zod";
import type { Kept } from "../options/training/keep.ts";
import { toCsv } from "../util/csv.ts";
import { EPOCH_COLUMNS, type EpochRow } from "../util/epoch.ts";

export const epochSchema = z.record(z.enum(EPOCH_COLUMNS), z.number());

/** The columns that later commands read and show. */
export type MeasuredEpoch = Omit<EpochRow, "learning_rate">;

export const MEASURED_COLUMNS = EPOCH_COLUMNS.filter((column) => column !== "learning_rate");

/**
 * The text of history.csv.
 * @param kept what model.onnx holds. The column "kept" has the rule in the rows of its epochs, and is empty in the others
 */
export function historyCsv(history: readonly EpochRow[], kept: Kept | undefined): string {
  const ruleOf = (epoch: number) => (kept?.epochs.includes(epoch) ? kept.keep : "");
  const rows = history.map((row) => [...EPOCH_COLUMNS.map((column) => row[column]), ruleOf(row.epoch)]);
  return toCsv([...EPOCH_COLUMNS, "kept"], rows);
}
