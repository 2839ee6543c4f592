/** The output of the command "correct": what changed per split, and the warnings about the test split. */
import { classNamesOf } from "../../histology/dataset/description.ts";
import { SPLITS } from "../../histology/dataset/split_names.ts";
import { counted } from "../../util/numbers.ts";
import { tableLines } from "../../util/table.ts";
import { visible } from "../../util/terminal_text.ts";
import type { CorrectResult } from "./report.ts";

export function correctLines({ folder, rejected_list, description, journal }: CorrectResult): string[] {
  const { counts, corrections } = description;
  const changed = corrections!.patches!;
  const positive = visible(classNamesOf(description)[1]);
  const leftOut = SPLITS.reduce((sum, split) => sum + changed.excluded[split] + changed.unsure[split], 0);
  return [
    ...tableLines(
      ["split", "cases", "patches", positive, "relabelled", "excluded", "unsure", "added"],
      SPLITS.map((split) => [
        split,
        counts[split].cases,
        counts[split].patches,
        counts[split].idc,
        ...[changed.relabelled, changed.excluded, changed.unsure, changed.added].map((one) => one[split]),
      ]),
    ),
    "",
    `Used ${counted(corrections!.journal.entries, "entry", "entries")} of ${journal}.`,
    ...(leftOut > 0 ? [`${counted(leftOut, "patch")} left out by corrections, listed in ${rejected_list}.`] : []),
    `The corrected dataset is in ${folder}.`,
  ];
}

/** Warnings that a user needs to know, one full sentence each. */
export function correctionWarnings(
  { ignored, description: { corrections } }: Pick<CorrectResult, "ignored" | "description">,
  copies: number,
): string[] {
  const { patches, cases } = corrections!;
  const changed = Object.values(patches!).reduce((sum, { train, val, test }) => sum + train + val + test, 0);
  const warnings: string[] = [];
  if (ignored.patches > 0) {
    warnings.push(
      `Corrections of ${counted(ignored.patches, "test patch")} of ${counted(ignored.cases, "case")} were ignored, so that the test split stays the same for all models: --correct-test uses them.`,
    );
  }
  if (cases.test.length > 0) {
    warnings.push(
      `The test split has corrected labels in ${counted(cases.test.length, "case")}: every evaluation on it says so, and compare leaves these cases out.`,
    );
  }
  if (copies > 0) {
    warnings.push(
      `${counted(copies, "patch")} of slides were not added, because the dataset has the same picture already; correct the label there.`,
    );
  }
  if (changed === 0) warnings.push("The corrections change no patch: the new dataset has the patches of the old one.");
  return warnings;
}
