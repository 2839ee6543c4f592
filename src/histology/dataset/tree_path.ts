/**
 * Splits a path below a source's root into the file name, the folders that may name its case and class, and the split.
 */
import type { Split } from "./split_names.ts";

/** The Kaggle archive contains everything twice: at its root, and again below a folder of this name. */
export const NESTED_TREE = "IDC_regular_ps50_idx5";

export interface TreePath {
  readonly fileName: string;
  /** The folders from the root down, except the nested tree's folder and folders that name a split. */
  readonly folders: readonly string[];
  /** The splits named by folders, from the root down. A valid path has at most one. */
  readonly parts: readonly Split[];
  /** True if the file is in the second tree of the Kaggle archive. */
  readonly nested: boolean;
}

const PARTS: ReadonlyMap<string, Split> = new Map([
  ["train", "train"],
  ["training", "train"],
  ["val", "val"],
  ["valid", "val"],
  ["validation", "val"],
  ["test", "test"],
  ["testing", "test"],
]);

/** The split that a folder names, ignoring upper and lower case. */
export const partNamed = (folder: string): Split | undefined => PARTS.get(folder.toLowerCase());

export function treePath(path: string): TreePath {
  const segments = path.split("/");
  const fileName = segments.pop()!;
  const folders: string[] = [];
  const parts: Split[] = [];
  let nested = false;
  for (const segment of segments) {
    const part = partNamed(segment);
    if (segment === NESTED_TREE) nested = true;
    else if (part === undefined) folders.push(segment);
    else parts.push(part);
  }
  return { fileName, folders, parts, nested };
}
