/** Which slides a command means: files, folders of slides, and lists of files; and the folder that each one's results go to. */
import { readdir } from "node:fs/promises";
import { basename, dirname, extname, join, resolve } from "node:path";
import { UserError } from "../../util/errors.ts";
import { fileError, kindOf, readText } from "../../util/files.ts";
import { resolveFrom } from "../../util/paths.ts";

/** Only of files in folders: a file that is named is opened whatever its name. */
const SLIDE_NAME = /\.(svs|tiff?|png|jpe?g|dcm)$/i;
const LIST_NAME = /\.txt$/i;

export interface SlideList {
  readonly paths: readonly string[];
  /** One slide that was named itself, so that its results need no folder of their own. */
  readonly single: boolean;
}

/**
 * @param given paths of slides, of folders with slides, or of .txt files with a path a line (from where the list lies)
 * @throws UserError where one does not exist, or a folder or list names no slide.
 */
export async function listSlides(given: readonly string[]): Promise<SlideList> {
  const paths: string[] = [];
  let named = true;
  for (const path of given) {
    const kind = await kindOf(path);
    if (kind === "nothing") throw new UserError(`There is no slide or folder at ${path}: check the path.`);
    if (kind === "file" && !LIST_NAME.test(path)) {
      paths.push(path);
      continue;
    }
    named = false;
    paths.push(...(kind === "folder" ? await slidesIn(path) : await slidesOf(path)));
  }
  const unique = [...new Map(paths.map((path) => [resolve(path), path])).values()];
  return { paths: unique, single: named && unique.length === 1 };
}

async function slidesIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch((error: unknown) => {
    throw fileError(error, `cannot list the folder ${folder}`, "check its permissions");
  });
  const found = entries.filter((entry) => !entry.isDirectory() && SLIDE_NAME.test(entry.name));
  if (found.length > 0) return found.map(({ name }) => join(folder, name)).sort();
  throw new UserError(`The folder ${folder} has no slides (.svs, .tif, .png, .jpg or .dcm): name a folder with some.`);
}

async function slidesOf(list: string): Promise<string[]> {
  const lines = (await readText(list, "the list of slides")).split(/\r?\n/).map((line) => line.trim());
  const found = lines.filter((line) => line !== "" && !line.startsWith("#"));
  if (found.length > 0) return found.map((line) => resolveFrom(dirname(list), line));
  throw new UserError(`The list ${list} names no slides: write the path of a slide on each line.`);
}

/** A folder name for each slide: its file's name without the extension, or with it where two would be alike, or a number too. */
export function folderNames(paths: readonly string[]): string[] {
  const stemOf = (path: string) => basename(path, extname(path));
  const count = (name: string, of: (path: string) => string) => paths.filter((path) => same(of(path), name)).length;
  return paths.map((path, index) => {
    if (count(stemOf(path), stemOf) === 1) return stemOf(path);
    return count(basename(path), basename) === 1 ? basename(path) : `${index + 1}-${basename(path)}`;
  });
}

/** Some file systems take "A" and "a" for the same. */
const same = (one: string, other: string): boolean => one.toLowerCase() === other.toLowerCase();
