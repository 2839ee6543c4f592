/** Reads examples of what was left out of a dataset, from its rejected.csv. */
import { join } from "node:path";
import { DATASET_FILES } from "../../../histology/dataset/description.ts";
import { REJECTION_KINDS, type RejectionKind } from "../../../histology/dataset/rejection.ts";
import { csvRows } from "../../../system/csv_stream.ts";
import { kindOf } from "../../../system/files.ts";
import type { DatasetFacts, LeftOutFile } from "../../api/datasets.ts";

/** More rows are only in the file itself. */
const MOST_EXAMPLES = 200;

/** The first rows of the dataset's rejected.csv; none if it has no such file, as a fold. */
export async function leftOutExamples(folder: string): Promise<LeftOutFile[]> {
  const place = join(folder, DATASET_FILES.rejected);
  if ((await kindOf(place)) !== "file") return [];
  const examples: LeftOutFile[] = [];
  for await (const { path, reason } of csvRows(place, { columns: ["path", "reason"], what: "the files left out" })) {
    examples.push({ path, reason });
    if (examples.length === MOST_EXAMPLES) break;
  }
  return examples;
}

/** The number of files that were left out, with the words of the reason. */
export function leftOutCounts(rejected: Readonly<Record<string, number>>): DatasetFacts["leftOut"] {
  return Object.entries(rejected).map(([kind, files]) => ({
    words: REJECTION_KINDS[kind as RejectionKind] ?? kind,
    files,
  }));
}
