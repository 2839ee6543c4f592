/** What a patch's path says about it: identity, case, place on the slide and class. Opens no file. */
import { isImageName } from "../image/extensions.ts";
import { type Rejection, rejection } from "./rejection.ts";

/** A file that claims to be a patch. */
export interface Candidate {
  /** The file's path below the source's root. */
  path: string;
  /** The patch's name in the dataset. */
  id: string;
  /** Empty where the path names no case. */
  caseId: string;
  /** The patch's left and upper edge in slide pixels, as the file's name states them (1-based in the Kaggle release). */
  x: number | undefined;
  y: number | undefined;
  /** 1 is IDC. */
  label: 0 | 1;
  /** It lies in the second tree of the Kaggle archive. */
  nested: boolean;
}

/** The Kaggle archive holds everything twice: at its root, and again below a folder of this name. */
export const NESTED_TREE = "IDC_regular_ps50_idx5";

const KAGGLE_NAME = /^(?<caseId>.+)_idx\d+_x(?<x>\d{1,9})_y(?<y>\d{1,9})_class(?<label>[01])\.png$/i;
/** Folders that name a part of a split (as in the tutorial's own tree) and so no case. */
const SPLIT_FOLDER = /^(train|training|val|valid|validation|test|testing)$/i;
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for.
const CONTROL_CHARACTER = /[\u0000-\u001f\u007f]/;

/**
 * Reads `<caseId>/<0|1>/<caseId>_idx5_x<X>_y<Y>_class<0|1>.png` (the Kaggle release) anywhere below the root, and any
 * picture in a folder `0` or `1`, whose case is then the folder above, if there is one.
 * The id is the file's name for Kaggle names, else the path below the root, both without the extension.
 */
export function parsePath(path: string): Candidate | Rejection {
  if (CONTROL_CHARACTER.test(path)) return rejection(path, "notAPatch", "its name holds a control character");
  if (!isImageName(path)) return rejection(path, "notAPatch", "it is no PNG, JPEG, TIFF or WebP file");
  const segments = path.split("/");
  const folders = segments.filter((segment) => segment !== NESTED_TREE);
  const nested = folders.length < segments.length;
  const fileName = folders.pop()!;
  const folderLabel = toLabel(folders.at(-1));
  const above = folderLabel === undefined ? undefined : folders.at(-2);
  const folderCase = above === undefined || SPLIT_FOLDER.test(above) ? "" : above;
  const name = KAGGLE_NAME.exec(fileName)?.groups;
  if (!name) {
    if (folderLabel === undefined)
      return rejection(path, "notAPatch", "it lies in no folder 0 or 1, which is its class");
    const id = withoutExtension([...folders, fileName].join("/"));
    return { path, id, caseId: folderCase, x: undefined, y: undefined, label: folderLabel, nested };
  }
  const label = toLabel(name.label)!;
  const caseId = name.caseId!;
  if (folderLabel !== undefined && folderLabel !== label) {
    return rejection(path, "classMismatch", `its name says class ${label}, its folder class ${folderLabel}`);
  }
  if (folderCase !== "" && folderCase !== caseId) {
    return rejection(path, "caseMismatch", `its name says case ${caseId}, its folder case ${folderCase}`);
  }
  return { path, id: withoutExtension(fileName), caseId, x: Number(name.x), y: Number(name.y), label, nested };
}

function toLabel(text: string | undefined): 0 | 1 | undefined {
  return text === "0" ? 0 : text === "1" ? 1 : undefined;
}

function withoutExtension(path: string): string {
  return path.replace(/\.[^./]*$/, "");
}
