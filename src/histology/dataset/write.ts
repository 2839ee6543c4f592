/**
 * Writes a dataset's small files (all except the records). They are reproducible: they contain no dates and no paths of
 * the machine.
 */
import { open } from "node:fs/promises";
import { join } from "node:path";
import { fileError, sha256OfFile, writeFileAtomically } from "../../system/files.ts";
import { toCsv } from "../../util/csv.ts";
import type { ClassNames } from "./class_names.ts";
import {
  countParts,
  DATASET_FILES,
  type DatasetDescription,
  describedClasses,
  FORMAT_VERSION,
  recordShape,
} from "./description.ts";
import { descriptionText } from "./description_file.ts";
import { manifestParts } from "./manifest.ts";
import type { PatchRow } from "./patch_row.ts";
import { byCodeUnits } from "./plan.ts";
import { countRejections, type Rejection } from "./rejection.ts";
import { writeSplitLists } from "./split_lists.ts";
import type { Split } from "./split_names.ts";

/** The facts that the dataset's files contain. */
interface DatasetFacts {
  /** Width and height of a record, in pixels. */
  side: number;
  classNames: ClassNames;
  rows: readonly PatchRow[];
  split: DatasetDescription["split"];
  /** Name and version of the program. */
  software: string;
  /** The SHA-256 of the records file, if it is known already. */
  recordsSha256?: string;
  /** Given if the dataset was made from another one by corrections. */
  corrections?: DatasetDescription["corrections"];
}

/** The content of a new dataset's files. */
export interface DatasetContent extends DatasetFacts {
  rejections: readonly Rejection[];
}

/** Completes a dataset whose folder already contains the records. Returns its description. */
export async function writeDataset(
  folder: string,
  content: DatasetContent,
  signal?: AbortSignal,
): Promise<DatasetDescription> {
  const { rejections, ...described } = content;
  await writeRejected(folder, rejections);
  return describeDataset(folder, { ...described, rejected: countRejections(rejections) }, signal);
}

/** The columns of rejected.csv. */
export const REJECTED_COLUMNS = ["path", "reason"] as const;

/** Writes the list of rejected files, sorted by path. */
export async function writeRejected(
  folder: string,
  rejections: readonly Pick<Rejection, (typeof REJECTED_COLUMNS)[number]>[],
): Promise<void> {
  const rejected = [...rejections].sort((a, b) => byCodeUnits(a.path, b.path));
  await writeFileAtomically(
    join(folder, DATASET_FILES.rejected),
    toCsv(
      [...REJECTED_COLUMNS],
      rejected.map(({ path, reason }) => [path, reason]),
    ),
  );
}

/** Like `writeDataset`, but without the list of rejected files. The description is written last. */
export async function describeDataset(
  folder: string,
  {
    rows,
    rejected,
    split,
    software,
    side,
    classNames,
    recordsSha256,
    corrections,
  }: DatasetFacts & Pick<DatasetDescription, "rejected">,
  signal?: AbortSignal,
): Promise<DatasetDescription> {
  await writeParts(join(folder, DATASET_FILES.manifest), manifestParts(rows), signal);
  const splitOfCase = split.method === "patch" ? undefined : wholeCases(rows);
  if (splitOfCase) await writeSplitLists(join(folder, DATASET_FILES.splits), splitOfCase);
  const description: DatasetDescription = {
    formatVersion: FORMAT_VERSION,
    software,
    record: recordShape(side),
    ...describedClasses(classNames),
    split,
    counts: countParts(rows),
    rejected,
    ...(corrections ? { corrections } : {}),
    sha256: {
      manifest: await sha256OfFile(join(folder, DATASET_FILES.manifest), signal),
      patches: recordsSha256 ?? (await sha256OfFile(join(folder, DATASET_FILES.patches), signal)),
    },
  };
  await writeFileAtomically(join(folder, DATASET_FILES.description), descriptionText(description));
  return description;
}

/** The split of each case; undefined if a case is in two splits or a patch has no case. */
function wholeCases(rows: readonly PatchRow[]): Map<string, Split> | undefined {
  const splitOfCase = new Map<string, Split>();
  for (const { caseId, split } of rows) {
    if (caseId === "" || (splitOfCase.get(caseId) ?? split) !== split) return undefined;
    splitOfCase.set(caseId, split);
  }
  return splitOfCase;
}

async function writeParts(path: string, parts: Iterable<string>, signal?: AbortSignal): Promise<void> {
  try {
    const file = await open(path, "wx");
    try {
      for (const part of parts) {
        signal?.throwIfAborted();
        await file.appendFile(part);
      }
      await file.sync();
    } finally {
      await file.close();
    }
  } catch (error) {
    throw fileError(error, `cannot write ${path}`, "check the free space and the permissions of its folder");
  }
}
