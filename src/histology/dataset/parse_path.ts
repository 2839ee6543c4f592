/** Reads a patch's id, case, position on the slide, class and split from its path. Opens no file. */
import { isImageName } from "../image/extensions.ts";
import { NUMBERED_FOLDERS, type TreeReading } from "./class_folders.ts";
import { kaggleName } from "./kaggle_name.ts";
import { type Rejection, rejection } from "./rejection.ts";
import type { Split } from "./split_names.ts";
import { NESTED_TREE, treePath } from "./tree_path.ts";

/** A file that could be a patch, according to its path. */
export interface Candidate {
  /** The file's path relative to the source's root. */
  path: string;
  /** The patch's name in the dataset. */
  id: string;
  /** Empty if the path names no case. */
  caseId: string;
  /** The patch's left and upper edge in slide pixels, from the file name (1-based in the Kaggle release). */
  x: number | undefined;
  y: number | undefined;
  /** 1 is the positive class. */
  label: 0 | 1;
  /** The split that the folders name, if any. */
  part: Split | undefined;
  /** True if the file is in the second tree of the Kaggle archive. */
  nested: boolean;
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: the pattern searches for control characters.
const CONTROL_CHARACTER = /[\u0000-\u001f\u007f]/;

/**
 * Reads `<caseId>/<class>/<caseId>_idx5_x<X>_y<Y>_class<0|1>.png` (the Kaggle release) anywhere below the root. Also
 * reads any picture in a class folder; its case is the folder above or below, depending on `reading`. Folders that name
 * a split are not taken as cases. The id has no extension. It is the file name for Kaggle names, and otherwise the path
 * relative to the root.
 */
export function parsePath(path: string, reading: TreeReading = NUMBERED_FOLDERS): Candidate | Rejection {
  if (CONTROL_CHARACTER.test(path)) return rejection(path, "notAPatch", "its name holds a control character");
  if (!isImageName(path)) return rejection(path, "notAPatch", "it is no PNG, JPEG, TIFF or WebP file");
  const { fileName, folders, parts, nested } = treePath(path);
  if (parts.length > 1) return rejection(path, "notAPatch", `its folders name ${parts.length} parts of a split`);
  const [part] = parts;
  const { folderCase, folderLabel } = foldersSay(folders, reading);
  const name = kaggleName(fileName);
  if (!name) {
    if (folderLabel === undefined) {
      return rejection(path, "notAPatch", `it lies in no ${reading.place}, which is its class`);
    }
    const id = withoutExtension(
      path
        .split("/")
        .filter((one) => one !== NESTED_TREE)
        .join("/"),
    );
    return { path, id, caseId: folderCase, x: undefined, y: undefined, label: folderLabel, part, nested };
  }
  const { caseId, x, y, label } = name;
  if (folderLabel !== undefined && folderLabel !== label) {
    return rejection(path, "classMismatch", `its name says class ${label}, its folder class ${folderLabel}`);
  }
  if (folderCase !== "" && folderCase !== caseId) {
    return rejection(path, "caseMismatch", `its name says case ${caseId}, its folder case ${folderCase}`);
  }
  return { path, id: withoutExtension(fileName), caseId, x, y, label, part, nested };
}

function foldersSay(
  folders: readonly string[],
  { level, labelOf }: TreeReading,
): { folderCase: string; folderLabel: 0 | 1 | undefined } {
  const [outer, inner] = [folders.at(-2), folders.at(-1)];
  const [own, other] = level === "inner" ? [inner, outer] : [outer, inner];
  const folderLabel = own === undefined ? undefined : labelOf(own);
  return { folderLabel, folderCase: (folderLabel === undefined ? undefined : other) ?? "" };
}

function withoutExtension(path: string): string {
  return path.replace(/\.[^./]*$/, "");
}
