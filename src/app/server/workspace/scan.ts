/**
 * Finds the items in the studio's folder by the files that identify them. It follows no links, so that nothing outside
 * the folder is found. describe.ts reads the items.
 */
import type { Dirent } from "node:fs";
import { readdir } from "node:fs/promises";
import { extname, join } from "node:path";
import { CROSSVALIDATION_FILES } from "../../../artifacts/crossvalidation_folder.ts";
import { EVALUATION_FILES } from "../../../artifacts/evaluation_folder.ts";
import { SCORES_FILE } from "../../../artifacts/partial_scores.ts";
import { RUN_FILES } from "../../../artifacts/run_files.ts";
import { DATASET_FILES } from "../../../histology/dataset/description.ts";
import { isKaggleName } from "../../../histology/dataset/kaggle_name.ts";
import { SLIDE_EXTENSIONS } from "../../../histology/slide/open.ts";
import { isTemporaryName } from "../../../system/leftovers.ts";
import { UNITS_FOLDER } from "../../../units/parts.ts";
import type { ItemKind } from "../../api/items.ts";

/** The studio's own files: jobs, caches, the token. */
export const STUDIO_FOLDER = ".cancernet-studio";

/** The journals of corrections. */
export const CORRECTIONS_FOLDER = "corrections";

/** An item that was found: its kind and its path in the studio's folder. */
export interface FoundItem {
  readonly kind: ItemKind;
  /** With "/" between folders. */
  readonly path: string;
  /** The file whose change is a change of the item. */
  readonly file: string;
}

const DEEPEST = 8;
/** A folder with more files holds patches, not slides. */
const MOST_SLIDES_IN_FOLDER = 5000;

/** The file in a folder that identifies the folder as an item. */
const MARKS: readonly (readonly [file: string, kind: ItemKind])[] = [
  [DATASET_FILES.description, "dataset"],
  [RUN_FILES.description, "run"],
  [CROSSVALIDATION_FILES.description, "crossvalidation"],
  ["slide.json", "slide-result"],
  [SCORES_FILE, "slide-result"],
  [EVALUATION_FILES.report, "evaluation"],
];

/** Pictures are also patches and plots, so only these formats count as slides without a look into the file. */
const PICTURES = [".png", ".jpg", ".jpeg", ".webp"];

/** The names of pictures that commands of this program write. */
const OWN_PICTURES = /^(plot|explain|heatmap|overlay|tissue|probability|map)/i;

/** Finds the items in a folder and its subfolders, in the order of their paths. */
export async function findItems(root: string): Promise<FoundItem[]> {
  const found: FoundItem[] = [];
  await visit(root, "", 0, found);
  return found.sort((a, b) => (a.path < b.path ? -1 : 1));
}

async function visit(root: string, path: string, depth: number, found: FoundItem[]): Promise<void> {
  const entries = await readdir(join(root, path), { withFileTypes: true }).catch((): Dirent[] => []);
  const below = (name: string) => (path === "" ? name : `${path}/${name}`);
  const files = entries.filter((entry) => entry.isFile()).map(({ name }) => name);
  const mark = MARKS.find(([file]) => files.includes(file));
  if (mark && path !== "") found.push({ kind: mark[1], path, file: below(mark[0]) });
  if (mark === undefined && files.length <= MOST_SLIDES_IN_FOLDER) {
    for (const name of files) {
      if (isSlideName(name)) found.push({ kind: "slide", path: below(name), file: below(name) });
    }
  }
  if (depth === DEEPEST || mark?.[1] === "dataset" || mark?.[1] === "slide-result") return;
  for (const entry of entries) {
    if (!entry.isDirectory() || entry.name === "node_modules" || isHidden(path, entry.name)) continue;
    await visit(root, below(entry.name), depth + 1, found);
  }
}

/** Hidden folders are not searched, except for the attempts at units, whose scores the page shows as they grow. */
function isHidden(path: string, name: string): boolean {
  if (!name.startsWith(".") || name === UNITS_FOLDER) return false;
  return !(path.includes(`${UNITS_FOLDER}/`) && isTemporaryName(name));
}

function isSlideName(name: string): boolean {
  if (name.startsWith(".") || !SLIDE_EXTENSIONS.includes(extname(name).toLowerCase())) return false;
  return !isKaggleName(name) && !OWN_PICTURES.test(name);
}

/** Whether a name is that of a picture, which is a slide only if it is large. */
export const isPictureName = (name: string): boolean => PICTURES.includes(extname(name).toLowerCase());
