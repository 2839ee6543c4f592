/** The result of the command "probe" as lines: the chosen penalty, then the evaluation. */
import { counted } from "../../util/numbers.ts";
import { evaluationLines } from "../evaluation/text.ts";
import type { ProbeResult } from "./report.ts";

export function probeLines({ probe, ...evaluation }: ProbeResult): string[] {
  const { file, features, penalty, tried } = probe;
  const all = tried.map((one) => `${one.penalty}: ${one.val_auroc.toFixed(4)}`).join(", ");
  const isAtEnd = penalty === tried.at(-1)!.penalty || penalty === tried[0]!.penalty;
  return [
    `Probe of ${counted(features, "feature")} in ${file}; AUROC on the validation split by penalty: ${all}.`,
    `Penalty ${penalty} was chosen${isAtEnd ? ", which is at the end of the range that was tried" : ""}.`,
    "",
    ...evaluationLines(evaluation),
  ];
}
