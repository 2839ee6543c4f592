/** Predictions as CSV: the same table from "cancernet predict --csv" and from an exported page. */
import { csvLine } from "../../util/csv_text.ts";
import type { Prediction } from "../prediction.ts";

/** The header and a line per file, without line ends. */
export function predictionCsvLines(predictions: readonly (Prediction & { readonly file: string })[]): string[] {
  const rows = predictions.map(({ file, probability, label, threshold }) => [file, probability, label, threshold]);
  return [["file", "probability", "label", "threshold"], ...rows].map((row) => csvLine(row));
}
