/** The statement of an evaluation on corrected labels. It stands before everything else in the report. */
import { counted } from "../../util/numbers.ts";
import type { EvaluationReport } from "./report.ts";

/** One sentence about the corrected labels of the evaluated split; undefined if there are none. */
export function correctedStatement({
  split,
  dataset: { corrected_cases: cases = [] },
}: {
  readonly split: EvaluationReport["split"];
  readonly dataset: Pick<EvaluationReport["dataset"], "corrected_cases">;
}): string | undefined {
  if (cases.length === 0) return undefined;
  return (
    `Labels of the ${split} split were corrected in ${counted(cases.length, "case")}, ` +
    "so that these numbers are not those on the labels that the dataset was prepared with."
  );
}
