/**
 * The folds of a cross-validation: chooses the test cases of each fold, and writes a fold as an ordinary dataset in its
 * own folder.
 */

import { createHash } from "node:crypto";
import { constants, copyFile, link, realpath, rm } from "node:fs/promises";
import { isAbsolute, join, posix } from "node:path";
import { fileError, kindOf, makeFolders } from "../../system/files.ts";
import { pathFrom } from "../../system/paths.ts";
import { UserError } from "../../util/errors.ts";
import { counted } from "../../util/numbers.ts";
import { CLASS_NAMES, type ClassNames } from "./class_names.ts";
import { type Dataset, indicesOf } from "./dataset.ts";
import { countParts, DATASET_FILES, type DatasetDescription } from "./description.ts";
import { manifestParts } from "./manifest.ts";
import type { PatchRow } from "./patch_row.ts";
import { byCodeUnits } from "./plan.ts";
import type { Split } from "./split_names.ts";
import { FEWEST_FOLDS, SPLITS } from "./split_names.ts";
import { balancedParts, type CaseCounts, countCases } from "./stratify.ts";
import { describeDataset } from "./write.ts";

export interface Folds {
  /** The seed that the folds were drawn with. */
  readonly seed: number;
  /** The test cases of each fold. Every case is in exactly one fold. */
  readonly cases: readonly (readonly string[])[];
}

/**
 * Divides whole cases into balanced folds. Neither the dataset's own split nor the order of its rows matters.
 * @throws UserError if a patch has no case, or if a fold would have no case or would lack a class.
 */
export function foldsOf(
  { rows, folder, classNames = CLASS_NAMES }: Pick<Dataset, "rows" | "folder"> & { classNames?: ClassNames },
  count: number,
  seed: number,
): Folds {
  if (rows.some(({ caseId }) => caseId === "")) {
    throw new UserError(
      "case-unknown",
      `Not every patch of ${folder} names its case, so that folds could share patients: prepare it from files that name their case.`,
    );
  }
  const cases = countCases(rows);
  const needs = needsOf(classNames);
  requireEnough(folder, cases, { count, needs });
  const partOf = balancedParts(cases, new Array<number>(count).fill(1 / count), seed);
  const parts = Array.from({ length: count }, (_, part) => cases.filter(({ caseId }) => partOf.get(caseId) === part));
  for (const [part, own] of parts.entries()) {
    for (const [what, has] of needs) {
      if (own.some(has)) continue;
      throw new UserError(
        "folds-too-many",
        `Fold ${part + 1} of ${count} of ${folder} would have no ${what}: choose fewer --folds, or another --seed.`,
      );
    }
  }
  return { seed, cases: parts.map((own) => own.map(({ caseId }) => caseId).sort(byCodeUnits)) };
}

/** A condition that every fold must meet. */
type Need = readonly [what: string, has: (one: CaseCounts) => boolean];

function needsOf([negative, positive]: ClassNames): readonly Need[] {
  const usual = negative === CLASS_NAMES[0] && positive === CLASS_NAMES[1];
  return [
    ["case", () => true],
    [usual ? "case with IDC" : `case with patches labelled ${positive}`, ({ idc }) => idc > 0],
    [usual ? "case with patches without IDC" : `case with patches labelled ${negative}`, ({ no_idc }) => no_idc > 0],
  ];
}

function requireEnough(
  folder: string,
  cases: readonly CaseCounts[],
  { count, needs }: { count: number; needs: readonly Need[] },
): void {
  for (const [what, has] of needs) {
    const own = cases.filter(has).length;
    if (own >= count) continue;
    const remedy = own >= FEWEST_FOLDS ? `choose at most --folds ${own}` : "prepare a dataset from more cases";
    throw new UserError(
      "folds-too-many",
      `${counted(count, "fold")} need a ${what} each, but ${folder} has only ${own}: ${remedy}.`,
    );
  }
}

/**
 * The dataset with the split of one fold: the fold's cases are test, the next fold's cases are val, and all others are
 * train. The description keeps the hashes of the original dataset's files.
 */
export function foldOf(dataset: Dataset, { seed, cases }: Folds, fold: number): Dataset {
  const test = new Set(cases[fold]);
  const val = new Set(cases[(fold + 1) % cases.length]);
  const splitOf = (caseId: string): Split => (test.has(caseId) ? "test" : val.has(caseId) ? "val" : "train");
  const rows = dataset.rows.map((row) => ({ ...row, split: splitOf(row.caseId) }));
  return {
    ...dataset,
    description: {
      ...dataset.description,
      split: { method: "case", seed },
      counts: countParts(rows),
      ...correctionsOf(dataset, splitOf),
    },
    rows,
    indicesOf: (split) => indicesOf(rows, split),
  };
}

/** The corrections of a fold of a corrected dataset: the same corrected cases, in the fold's splits. */
function correctionsOf(
  { rows, description: { corrections } }: Dataset,
  splitOf: (caseId: string) => Split,
): Pick<DatasetDescription, "corrections"> {
  if (!corrections) return {};
  const { patches: _, ...kept } = corrections;
  const present = new Set(rows.map(({ caseId }) => caseId));
  const names = [...new Set(SPLITS.flatMap((split) => corrections.cases[split]))].filter((one) => present.has(one));
  const of = (split: Split) => names.filter((name) => splitOf(name) === split).sort(byCodeUnits);
  return { corrections: { ...kept, cases: { train: of("train"), val: of("val"), test: of("test") } } };
}

/** The SHA-256 of the manifest that a fold with these rows has. */
export function manifestSha256(rows: readonly PatchRow[]): string {
  const hash = createHash("sha256");
  for (const part of manifestParts(rows)) hash.update(part);
  return hash.digest("hex");
}

/**
 * Writes a fold as a dataset, unless it exists already. The description is written last. If it is missing after a
 * killed process, the fold is incomplete and is written again. No other process may write to this folder at the same
 * time. The records are a hard link to the dataset's file, or a copy if the file system does not support hard links.
 * @param software name and version of the program
 * @param origin the path of the dataset from the fold on, if the fold is moved afterwards
 */
export async function writeFold(
  { rows, description, side, classNames, ...dataset }: Dataset,
  folder: string,
  software: string,
  signal?: AbortSignal,
  origin = pathFrom(folder, dataset.folder),
): Promise<void> {
  if ((await kindOf(join(folder, DATASET_FILES.description))) === "file") return;
  await rm(folder, { recursive: true, force: true });
  await makeFolders(folder);
  await linkOrCopy(join(dataset.folder, DATASET_FILES.patches), join(folder, DATASET_FILES.patches));
  const { rejected, split, corrections } = description;
  const facts = { rows, rejected, split, software, side, classNames };
  const parentFrom = (path: string) => (isAbsolute(path) ? path : posix.join(origin, path));
  const moved = corrections && {
    corrections: { ...corrections, parent: { ...corrections.parent, folder: parentFrom(corrections.parent.folder) } },
  };
  await describeDataset(folder, { ...facts, ...moved }, signal);
}

async function linkOrCopy(from: string, to: string): Promise<void> {
  // A hard link to a symbolic link would link the symbolic link itself, and its relative target would be wrong in this
  // folder.
  const file = await realpath(from);
  try {
    await link(file, to);
  } catch {
    await copyFile(file, to, constants.COPYFILE_FICLONE).catch((error: unknown) => {
      throw fileError(error, `cannot copy ${from} to ${to}`, "check the free space and the permissions of its folder");
    });
  }
}
