/** The result of the command "predict" as lines: a table for people, or CSV (csv.ts). */
import { UserError } from "../../util/errors.ts";
import { counted, whole } from "../../util/numbers.ts";
import { tableLines } from "../../util/table.ts";
import { visible } from "../../util/terminal_text.ts";
import { classWords } from "../class_words.ts";
import { predictionCsvLines } from "./csv.ts";
import type { FilePrediction, PredictResult } from "./report.ts";

export function predictLines(result: PredictResult, { csv }: { readonly csv?: boolean | undefined }): string[] {
  if (result.predictions.length === 0) return [];
  return csv ? predictionCsvLines(result.predictions) : tableOf(result);
}

function tableOf({ predictions, class_names, threshold, record_side: side, notice }: PredictResult): string[] {
  const { positive, shortProbability } = classWords(class_names, visible);
  const note = ({ width, height }: FilePrediction) =>
    width === side && height === side ? "" : `resized from ${width} x ${height}`;
  const rows = predictions.map((one) => [one.file, one.probability.toFixed(4), one.label, note(one)]);
  return [
    ...tableLines(["file", shortProbability, "label", "note"], rows),
    `${positive} from a probability of ${Number(threshold.toPrecision(4))}. ${notice}`,
  ];
}

/** A prediction as an object for one line of JSON. */
export const predictionJson = ({ file, probability, label, threshold }: FilePrediction): object => ({
  file,
  probability,
  label,
  threshold,
});

/** The result without the predictions, which were already printed one by one. */
export const predictSummary = ({ predictions, ...rest }: PredictResult): object => ({
  predictions: predictions.length,
  ...rest,
});

/** The error if some images could not be read. All other images were classified. */
export function predictProblem({ predictions, failed }: PredictResult): UserError | undefined {
  if (failed === 0) return undefined;
  return new UserError(
    "images-failed",
    `${whole(failed)} of ${counted(predictions.length + failed, "image")} could not be read, as warned above: restore or remove them.`,
  );
}
