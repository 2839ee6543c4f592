/** A path below a source's root, taken apart: the file's name, the folders that may say its case and class, the part of a split. */
import type { Split } from "./split_names.ts";

/** The Kaggle archive holds everything twice: at its root, and again below a folder of this name. */
export const NESTED_TREE = "IDC_regular_ps50_idx5";

export interface TreePath {
  readonly fileName: string;
  /** The folders from the root down, without the nested tree's and without those that name a part of a split. */
  readonly folders: readonly string[];
  /** The parts of a split that its folders name, from the root down: none, or one if the tree is sound. */
  readonly parts: readonly Split[];
  /** It lies in the second tree of the Kaggle archive. */
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

/** The part of a split that a folder's name says, in any case of its letters. */
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
