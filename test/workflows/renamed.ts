/** A prepared dataset under other names of its classes, for the tests of these names. */
import { rmSync } from "node:fs";
import { join } from "node:path";
import type { ClassNames } from "../../src/histology/dataset/class_names.ts";
import { openDataset } from "../../src/histology/dataset/dataset.ts";
import { describeDataset } from "../../src/histology/dataset/write.ts";
import { SOFTWARE } from "../../src/system/version.ts";

/** Writes the small files of a dataset again, with other names for its classes. */
export async function renameClasses(folder: string, classNames: ClassNames): Promise<void> {
  const { rows, side, description, close } = await openDataset(folder);
  close();
  for (const name of ["dataset.json", "manifest.csv", "splits"]) rmSync(join(folder, name), { recursive: true });
  const { rejected, split } = description;
  await describeDataset(folder, { rows, rejected, split, side, software: SOFTWARE, classNames });
}
