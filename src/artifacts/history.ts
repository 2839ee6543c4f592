/** The stored history of a training, with one row per epoch, in history.csv and in checkpoints. */
import { z } from "zod";
import { toCsv } from "../util/csv.ts";
import { EPOCH_COLUMNS, type EpochRow } from "../util/epoch.ts";

export const epochSchema = z.record(z.enum(EPOCH_COLUMNS), z.number());

/** The columns that later commands read and show. */
export type MeasuredEpoch = Omit<EpochRow, "learning_rate">;

export const MEASURED_COLUMNS = EPOCH_COLUMNS.filter((column) => column !== "learning_rate");

/**
 * The text of history.csv.
 * @param kept the epochs whose weights model.onnx holds: 1 in the column "kept", which is 0 for the others
 */
export function historyCsv(history: readonly EpochRow[], kept: readonly number[]): string {
  const rows = history.map((row) => [...EPOCH_COLUMNS.map((column) => row[column]), kept.includes(row.epoch) ? 1 : 0]);
  return toCsv([...EPOCH_COLUMNS, "kept"], rows);
}
