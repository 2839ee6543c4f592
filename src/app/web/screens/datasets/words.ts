/** The sentences of the datasets screen. */

import { fixed, whole } from "../../../../util/numbers.ts";
import type { CaseFacts } from "../../../api/datasets.ts";
import { type PatchOrder, patchMarks } from "../../../api/patch_order.ts";
import { labelWords } from "../../corrections/words.ts";

/** "Patch 3 of 875: case 90001, test, no IDC, probability 0.12, right." */
export function patchSentence(
  { records, probabilities, cases: caseOf, marks }: PatchOrder,
  position: number,
  { cases, classNames }: { readonly cases: readonly CaseFacts[]; readonly classNames: readonly [string, string] },
): string {
  const { label, split, isWrong, isSuspected, correction, hasNote } = patchMarks(marks[position]!);
  const probability = probabilities[position]!;
  const name = cases[caseOf[position]!]?.case ?? "";
  const parts = [
    ...(name === "" ? [] : [`case ${name}`]),
    split,
    classNames[label],
    ...(correction === null ? [] : [`corrected: ${labelWords(correction, classNames)}`]),
    ...(hasNote ? ["with a note"] : []),
    ...(Number.isNaN(probability) ? [] : [`probability ${fixed(probability, 2)}`, isWrong ? "wrong" : "right"]),
    ...(isSuspected ? ["label suspected to be wrong"] : []),
  ];
  return `Patch ${whole(position + 1)} of ${whole(records.length)}: ${parts.join(", ")}.`;
}
