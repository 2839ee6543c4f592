/**
 * Writes the folders that the Keras tutorial trains on: training, validation and testing, each with folders 0 and 1.
 */
import { writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { fileError, makeFolders } from "../../system/files.ts";
import { readPlace } from "./file_place.ts";
import { forEachInParallel, type Watch } from "./parallel.ts";
import type { PatchRow } from "./patch_row.ts";
import type { PatchSource } from "./source.ts";
import { SPLITS, type Split } from "./split_names.ts";

const FOLDER_NAMES: Record<Split, string> = { train: "training", val: "validation", test: "testing" };

/**
 * Copies the original files into `folder`, which must exist, under their original names. Windows and macOS do not
 * distinguish upper and lower case. Files of one split and class whose names are equal, ignoring case, are therefore
 * named after their full path, with "_" between the folders.
 */
export async function writeTutorialFolders(
  source: PatchSource,
  rows: readonly PatchRow[],
  folder: string,
  watch: Watch,
): Promise<void> {
  for (const split of SPLITS) {
    for (const label of ["0", "1"]) await makeFolders(join(folder, FOLDER_NAMES[split], label));
  }
  const names = targetNames(rows);
  await forEachInParallel(rows.length, watch, async (index) => {
    const path = rows[index]!.source;
    const target = names[index]!;
    const bytes = readPlace(source.locate(path));
    await writeFile(join(folder, target), bytes, { flag: "wx" }).catch((error: unknown) => {
      throw fileError(error, `cannot write ${target} in ${folder}`, "check the free space and its permissions");
    });
  });
}

function targetNames(rows: readonly PatchRow[]): string[] {
  const key = (name: string): string => name.normalize("NFC").toLowerCase();
  const place = ({ split, label }: PatchRow, name: string): string => join(FOLDER_NAMES[split], String(label), name);
  const plain = rows.map((row) => place(row, basename(row.source)));
  const seen = new Set<string>();
  const shared = new Set<string>();
  for (const name of plain.map(key)) (seen.has(name) ? shared : seen).add(name);
  const taken = new Set<string>();
  return rows.map((row, index) => {
    const whole = row.source.replaceAll("/", "_");
    let name = shared.has(key(plain[index]!)) ? place(row, whole) : plain[index]!;
    for (let number = 2; taken.has(key(name)); number++) name = place(row, `${number}_${whole}`);
    taken.add(key(name));
    return name;
  });
}
