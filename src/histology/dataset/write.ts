/** Writes the small files of a dataset around its records, all reproducible: no dates, no machine's paths. */
import { join } from "node:path";
import { toCsv } from "../../util/csv.ts";
import { sha256OfFile, writeFileAtomically } from "../../util/files.ts";
import { countParts, DATASET_FILES, type DatasetDescription, FORMAT_VERSION, RECORD_SHAPE } from "./description.ts";
import { type PatchRow, writeManifest } from "./manifest.ts";
import { byCodeUnits } from "./plan.ts";
import { countRejections, type Rejection } from "./rejection.ts";
import { writeSplitLists } from "./split_lists.ts";

/** What goes into the files. */
export interface DatasetContent {
  rows: readonly PatchRow[];
  rejections: readonly Rejection[];
  split: DatasetDescription["split"];
  /** Name and version of the program. */
  software: string;
}

/** Completes a dataset in whose folder the records are already; gives its description. */
export async function writeDataset(folder: string, content: DatasetContent): Promise<DatasetDescription> {
  const { rows, rejections, split, software } = content;
  await writeFileAtomically(join(folder, DATASET_FILES.manifest), writeManifest(rows));
  const rejected = [...rejections].sort((a, b) => byCodeUnits(a.path, b.path));
  await writeFileAtomically(
    join(folder, DATASET_FILES.rejected),
    toCsv(
      ["path", "reason"],
      rejected.map(({ path, reason }) => [path, reason]),
    ),
  );
  if (split.method !== "patch") {
    const splitOfCase = new Map(rows.map((row) => [row.caseId, row.split]));
    await writeSplitLists(join(folder, DATASET_FILES.splits), splitOfCase);
  }
  const description: DatasetDescription = {
    formatVersion: FORMAT_VERSION,
    software,
    record: RECORD_SHAPE,
    split,
    counts: countParts(rows),
    rejected: countRejections(rejections),
    sha256: {
      manifest: await sha256OfFile(join(folder, DATASET_FILES.manifest)),
      patches: await sha256OfFile(join(folder, DATASET_FILES.patches)),
    },
  };
  await writeFileAtomically(join(folder, DATASET_FILES.description), `${JSON.stringify(description, null, 2)}\n`);
  return description;
}
