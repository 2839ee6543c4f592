/** Writes the tree that the Keras tutorial trains on: training, validation and testing, each with folders 0 and 1. */
import { mkdir, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { fileError } from "../../util/files.ts";
import type { PatchRow } from "./manifest.ts";
import { forEachInParallel, type Watch } from "./parallel.ts";
import type { PatchSource } from "./source.ts";
import { SPLITS, type Split } from "./splits.ts";

const FOLDER_NAMES: Record<Split, string> = { train: "training", val: "validation", test: "testing" };

/**
 * Copies the original files into `folder`, which must exist, under their own names. Files of one split and class whose
 * names are equal are named after their whole path instead, with "_" between the folders.
 */
export async function writeTutorialFolders(
  source: PatchSource,
  rows: readonly PatchRow[],
  folder: string,
  watch: Watch,
): Promise<void> {
  for (const split of SPLITS) {
    for (const label of ["0", "1"]) await mkdir(join(folder, FOLDER_NAMES[split], label), { recursive: true });
  }
  const names = rows.map((row) => join(FOLDER_NAMES[row.split], String(row.label), basename(row.source)));
  const taken = new Set<string>();
  const shared = new Set<string>();
  for (const name of names) (taken.has(name) ? shared : taken).add(name);
  await forEachInParallel(rows.length, watch, async (index) => {
    const { split, label, source: path } = rows[index]!;
    const name = names[index]!;
    const target = shared.has(name) ? join(FOLDER_NAMES[split], String(label), path.replaceAll("/", "_")) : name;
    const bytes = await source.read(path);
    await writeFile(join(folder, target), bytes, { flag: "wx" }).catch((error: unknown) => {
      throw fileError(error, `cannot write ${target} in ${folder}`, "check the free space and its permissions");
    });
  });
}
