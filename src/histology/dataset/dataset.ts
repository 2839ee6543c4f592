/** Opens a prepared dataset. Its rows are held in memory; its pixels are read from the disk record by record. */
import { createHash } from "node:crypto";
import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { fileError, kindOf, readText, requirePath, sha256OfFile } from "../../system/files.ts";
import { UserError } from "../../util/errors.ts";
import { counted, whole } from "../../util/numbers.ts";
import { inTurns } from "../../util/turns.ts";
import type { ClassNames } from "./class_names.ts";
import { classNamesOf, countParts, DATASET_FILES, type DatasetDescription } from "./description.ts";
import { parseDescription } from "./description_file.ts";
import { manifestSteps } from "./manifest.ts";
import type { PatchRow } from "./patch_row.ts";
import { recordBytes } from "./record.ts";
import { SPLITS, type Split } from "./split_names.ts";

/** A prepared dataset. Row i describes record i. */
export interface Dataset {
  readonly folder: string;
  readonly description: DatasetDescription;
  readonly rows: readonly PatchRow[];
  /** Width and height of each record, in pixels. */
  readonly side: number;
  /** Bytes per record. */
  readonly recordBytes: number;
  /** The names of class 0 and class 1. */
  readonly classNames: ClassNames;
  /** Copies record `index`, [side, side, 3] RGB bytes, into `into`, starting at `offset`. */
  read(index: number, into: Uint8Array, offset: number): void;
  /** The row indices of a split, ascending. */
  indicesOf(split: Split): Uint32Array;
  close(): void;
}

/**
 * Opens a dataset and checks that it is complete: the seal of the description, and the hashes of the manifest and the
 * records. This reads all records once, in blocks.
 * @throws UserError if the folder is not a dataset, or if a file is missing, truncated or changed; the signal's reason
 * if it is aborted.
 */
export async function openDataset(folder: string, signal?: AbortSignal): Promise<Dataset> {
  const table = await readTable(folder, signal);
  const { description, rows, side } = table;
  const patchesPath = join(folder, DATASET_FILES.patches);
  await requireFile(patchesPath);
  const fd = await openRecords(patchesPath, { description, patchCount: rows.length, signal });
  const bytes = recordBytes(side);
  return {
    ...table,
    recordBytes: bytes,
    read: (index, into, offset) => readRecord(fd, index, into.subarray(offset, offset + bytes), bytes),
    close: () => closeSync(fd),
  };
}

/** A dataset without its records. */
export type DatasetTable = Pick<Dataset, "folder" | "description" | "rows" | "side" | "classNames" | "indicesOf">;

/**
 * Reads a dataset's description and rows, and checks the seal of the description and the hash of the manifest. The
 * records need not be there.
 * @throws UserError as `openDataset`.
 */
export async function readTable(folder: string, signal?: AbortSignal): Promise<DatasetTable> {
  requirePath(folder);
  const descriptionPath = join(folder, DATASET_FILES.description);
  if ((await kindOf(descriptionPath)) !== "file") {
    throw new UserError(
      "dataset-missing",
      `${folder} is not a prepared dataset (it has no ${DATASET_FILES.description}): ` +
        'give a folder that "cancernet prepare" has written.',
    );
  }
  const description = parseDescription(await readText(descriptionPath, "the dataset's description"), descriptionPath);
  const patchCount = SPLITS.reduce((sum, split) => sum + description.counts[split].patches, 0);
  const manifestPath = join(folder, DATASET_FILES.manifest);
  await requireFile(manifestPath);
  const rows = await loadRows(manifestPath, { description, patchCount, signal });
  return {
    folder,
    description,
    rows,
    side: description.record.width,
    classNames: classNamesOf(description),
    indicesOf: (split) => indicesOf(rows, split),
  };
}

/** Opens a dataset, calls `work` with it, and closes it afterwards. */
export async function withDataset<T>(
  folder: string,
  signal: AbortSignal,
  work: (dataset: Dataset) => Promise<T>,
): Promise<T> {
  const dataset = await openDataset(folder, signal);
  try {
    return await work(dataset);
  } finally {
    dataset.close();
  }
}

/** The row indices of a split, ascending. */
export function indicesOf(rows: readonly PatchRow[], split: Split): Uint32Array {
  return Uint32Array.from(rows.keys().filter((index) => rows[index]!.split === split));
}

/** The values that the dataset's files must match. */
interface Expectation {
  readonly description: DatasetDescription;
  readonly patchCount: number;
  readonly signal: AbortSignal | undefined;
}

async function loadRows(path: string, { description, patchCount, signal }: Expectation): Promise<PatchRow[]> {
  const bytes = await orUnreadable(path, () => readFile(path));
  if (createHash("sha256").update(bytes).digest("hex") !== description.sha256.manifest) {
    throw new UserError(
      "dataset-damaged",
      `${path} was changed or cut off since the dataset was prepared: prepare it again (for another split, with --split-lists).`,
    );
  }
  const rows = await inTurns(manifestSteps(bytes, path), signal);
  if (rows.length !== patchCount) {
    throw new UserError(
      "dataset-damaged",
      `${path} has ${counted(rows.length, "row")}, but its description counts ${counted(patchCount, "patch")}: prepare the dataset again.`,
    );
  }
  if (isDeepStrictEqual(countParts(rows), description.counts)) return rows;
  throw new UserError(
    "dataset-damaged",
    `The rows of ${path} are not those that ${DATASET_FILES.description} has counted: prepare the dataset again.`,
  );
}

async function openRecords(path: string, wanted: Expectation): Promise<number> {
  const fd = await orUnreadable(path, async () => openSync(path, "r"));
  try {
    await requireRecords(path, fstatSync(fd).size, wanted);
    return fd;
  } catch (error) {
    closeSync(fd);
    throw fileError(error, `cannot read ${path}`, "check the disk, or prepare the dataset again");
  }
}

async function requireRecords(
  path: string,
  size: number,
  { description: { sha256, record }, patchCount, signal }: Expectation,
): Promise<void> {
  const expected = patchCount * recordBytes(record.width);
  if (size !== expected) {
    throw new UserError(
      "dataset-damaged",
      `${path} has ${counted(size, "byte")}, expected ${whole(expected)} for ${counted(patchCount, "patch")}: ` +
        "it is cut off or changed, prepare the dataset again.",
    );
  }
  const found = await sha256OfFile(path, signal);
  if (found === sha256.patches) return;
  throw new UserError(
    "dataset-damaged",
    `${path} was changed since the dataset was prepared (SHA-256 ${found.slice(0, 12)}..., ` +
      `expected ${sha256.patches.slice(0, 12)}...): prepare the dataset again.`,
  );
}

function readRecord(fd: number, index: number, into: Uint8Array, bytes: number): void {
  if (into.length !== bytes) throw new RangeError(`A record needs ${bytes} bytes, there are ${into.length}.`);
  if (readSync(fd, into, 0, bytes, index * bytes) === bytes) return;
  throw new UserError(
    "dataset-damaged",
    `The dataset has no record ${index}: ${DATASET_FILES.patches} was cut off, prepare the dataset again.`,
  );
}

async function requireFile(path: string): Promise<void> {
  if ((await kindOf(path)) === "file") return;
  throw new UserError(
    "dataset-damaged",
    `The dataset lacks the file ${path}: copy the whole folder, or prepare the dataset again.`,
  );
}

async function orUnreadable<T>(path: string, open: () => Promise<T>): Promise<T> {
  try {
    return await open();
  } catch (error) {
    throw fileError(error, `cannot read ${path}`, "check its permissions");
  }
}
