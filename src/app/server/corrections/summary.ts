/** Counts the corrections of each split. */
import { SPLITS, type Split } from "../../../histology/dataset/split_names.ts";
import type { PatchStates, SplitCorrections } from "../../api/corrections.ts";
import type { OpenDataset } from "../datasets/open_datasets.ts";

export function splitCounts(
  { dataset: { rows } }: OpenDataset,
  { records, labels }: PatchStates,
): Record<Split, SplitCorrections> {
  const none = { positive: 0, negative: 0, exclude: 0, unsure: 0, changed: 0, confirmed: 0 };
  const counts = Object.fromEntries(SPLITS.map((split) => [split, { ...none }])) as Record<Split, typeof none>;
  for (const [place, record] of records.entries()) {
    const label = labels[place];
    if (!label) continue;
    const { split, label: own } = rows[record]!;
    const isConfirmed = label === (own === 1 ? "positive" : "negative");
    counts[split][label]++;
    counts[split].confirmed += isConfirmed ? 1 : 0;
    counts[split].changed += isConfirmed || label === "unsure" ? 0 : 1;
  }
  return counts;
}
