/** Evaluations: the report, the predictions as columns of bytes, and comparisons. */
import * as z from "zod";
import type { Comparison } from "../../reports/comparison/report.ts";
import type { EvaluationReport } from "../../reports/evaluation/report.ts";

/** Answer of GET /api/evaluations/:id. */
export interface EvaluationAnswer {
  /** report.json as it is on the disk. */
  readonly report: EvaluationReport;
  /** SHA-256 of report.json. */
  readonly reportSha256: string;
  /** What a command line in the studio's folder calls the model; null if it is not known. */
  readonly model: string | null;
  /** The dataset in the studio's folder that has the evaluated manifest; null if there is none. */
  readonly dataset: { readonly id: string; readonly path: string } | null;
}

/** Query of GET /api/compare: the ids of evaluations, with commas between them. The first is the baseline. */
export const compareQuery = z.object({
  ids: z
    .string()
    .max(600)
    .transform((text) => text.split(",").filter((id) => id !== ""))
    .pipe(z.array(z.string()).min(2, "give two or more evaluations").max(20, "give 20 evaluations at most")),
});

/** Answer of GET /api/compare. */
export interface ComparisonAnswer {
  /** What "cancernet compare --json" prints. */
  readonly comparison: Comparison;
  readonly warnings: readonly string[];
  /** The command line that gives the same in the studio's folder. */
  readonly command: string;
}

/** The predictions of an evaluation, one element per patch, in the order of predictions.csv. */
export interface PredictionColumns {
  /** 1 for the positive class. */
  readonly labels: Uint8Array;
  /** Of the positive class, exactly as in predictions.csv. */
  readonly probabilities: Float64Array;
  /** The places in `cases`. */
  readonly caseOf: Uint32Array;
  /** The records in the dataset that the evaluation's answer names; `NO_RECORD` if there is none. */
  readonly records: Uint32Array;
  /** The names of the cases; "" for patches without one. */
  readonly cases: readonly string[];
}

/** Stands for a patch that is not in a dataset of the studio's folder. */
export const NO_RECORD = 0xffff_ffff;

const HEADER_BYTES = 8;
const casesSchema = z.array(z.string());

/**
 * The answer of GET /api/evaluations/:id/predictions, little-endian: the number of patches (uint32), the number of bytes
 * of the next part (uint32), the names of the cases as JSON with spaces up to a multiple of 8 bytes; then the columns:
 * probability (float64), case (uint32), record (uint32), label (uint8).
 */
export function encodePredictions(columns: PredictionColumns): Uint8Array<ArrayBuffer> {
  const { labels, probabilities, caseOf, records, cases } = columns;
  const text = new TextEncoder().encode(JSON.stringify(cases));
  const names = new Uint8Array(Math.ceil(text.length / 8) * 8).fill(32);
  names.set(text);
  const parts = [Uint32Array.of(labels.length, names.length), names, probabilities, caseOf, records, labels];
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.byteLength, 0));
  let place = 0;
  for (const part of parts) {
    bytes.set(new Uint8Array(part.buffer, part.byteOffset, part.byteLength), place);
    place += part.byteLength;
  }
  return bytes;
}

/** Reads what `encodePredictions` wrote, without a copy. */
export function decodePredictions(bytes: ArrayBuffer): PredictionColumns {
  const [count, namesLength] = new Uint32Array(bytes, 0, 2) as unknown as [number, number];
  const names = new TextDecoder().decode(new Uint8Array(bytes, HEADER_BYTES, namesLength));
  const start = HEADER_BYTES + namesLength;
  return {
    probabilities: new Float64Array(bytes, start, count),
    caseOf: new Uint32Array(bytes, start + 8 * count, count),
    records: new Uint32Array(bytes, start + 12 * count, count),
    labels: new Uint8Array(bytes, start + 16 * count, count),
    cases: casesSchema.parse(JSON.parse(names)),
  };
}
