/** How suspicious the labels of a dataset are, by the answers of a source. */
import type { PatchRow } from "../../../histology/dataset/patch_row.ts";
import { suspectedLabels } from "../../../metrics/suspected_labels.ts";
import type { LabelSuspicion, RecordAnswers } from "./order.ts";
import type { LocatedSource } from "./sources.ts";

/**
 * Suspects labels by a source's answers. A model may know the labels of the split train, so only those of the other
 * splits are suspected by it; a cross-validation suspects all.
 * @throws UserError if the patches that can be suspected do not have both classes.
 */
export function labelSuspicion(
  rows: readonly PatchRow[],
  { probabilities }: RecordAnswers,
  { kind }: Pick<LocatedSource, "kind">,
  classNames: readonly [string, string],
): LabelSuspicion {
  const records: number[] = [];
  for (const [record, { split }] of rows.entries()) {
    const isUnknown = kind === "crossvalidation" || split !== "train";
    if (isUnknown && !Number.isNaN(probabilities[record]!)) records.push(record);
  }
  const { suspected, margins } = suspectedLabels(
    records.map((record) => rows[record]!.label),
    records.map((record) => probabilities[record]!),
    classNames,
  );
  const keys = new Float64Array(rows.length).fill(Number.POSITIVE_INFINITY);
  // The margins are from -1 to 1, so they come after the suspected ones.
  for (const [place, record] of records.entries()) keys[record] = suspected.length + 1 + margins[place]!;
  for (const [rank, place] of suspected.entries()) keys[records[place]!] = rank;
  return { keys, count: suspected.length };
}
