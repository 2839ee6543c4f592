/** Names for what the forms make, and whether there is anything to make. */
import { SPLITS } from "../../../../histology/dataset/split_names.ts";
import type { CorrectionsSummary } from "../../../api/corrections.ts";
import { items, jobs } from "../../state/items.ts";

/** A name for something new, such as "dataset-corrected-2": no item and no job has it yet. */
export function unusedName(path: string, ending: string): string {
  const base = `${path.split("/").at(-1)!}-${ending}`;
  const taken = new Set([
    ...(items.peek()?.items ?? []).map((item) => item.path.split("/")[0]),
    ...jobs.peek().map(({ out }) => out),
  ]);
  for (let number = 1; ; number++) {
    const name = number === 1 ? base : `${base}-${number}`;
    if (!taken.has(name)) return name;
  }
}

/** Whether no label was given. */
export function hasNothingToCorrect({ splits, slideCells }: CorrectionsSummary): boolean {
  const labels = SPLITS.map((split) => splits[split]);
  return slideCells === 0 && labels.every((one) => one.positive + one.negative + one.exclude + one.unsure === 0);
}
