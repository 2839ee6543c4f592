/** Which slides a command means: files, folders of slides, and lists of files; and the folder that each one's results go to. */
import { basename, dirname, extname, join, resolve } from "node:path";
import { UserError } from "../../util/errors.ts";
import { kindOf, readText } from "../../util/files.ts";
import { walkFolder } from "../../util/walk.ts";
import type { Context } from "../context.ts";

/** Only of files in folders: a file that is named is opened whatever its name. */
const SLIDE_NAME = /\.(svs|tiff?|png|jpe?g|dcm)$/i;
const LIST_NAME = /\.txt$/i;

export interface SlideList {
  readonly paths: readonly string[];
  /** One slide that was named itself, so that its results need no folder of their own. */
  readonly single: boolean;
  /** Slides in folders that cannot be scored, of which the user was warned. */
  readonly leftOut: number;
}

/**
 * @param given paths of slides, of folders with slides, or of .txt files with a path a line (from where the list lies)
 * @throws UserError where one does not exist, or a folder or list names no slide.
 */
export async function listSlides(given: readonly string[], context: Context): Promise<SlideList> {
  const paths: string[] = [];
  let named = true;
  let leftOut = 0;
  for (const path of given) {
    const kind = await kindOf(path);
    if (kind === "nothing") throw new UserError(`There is no slide or folder at ${path}: check the path.`);
    if (kind === "file" && !LIST_NAME.test(path)) {
      paths.push(path);
      continue;
    }
    named = false;
    if (kind === "folder") {
      const found = await slidesIn(path, context);
      leftOut += found.leftOut;
      paths.push(...found.paths);
    } else paths.push(...(await slidesOf(path)));
  }
  const unique = [...new Map(paths.map((path) => [resolve(path), path])).values()];
  return { paths: unique, single: named && unique.length === 1, leftOut };
}

async function slidesIn(folder: string, { reporter, signal }: Context): Promise<{ paths: string[]; leftOut: number }> {
  const { files, leftOut } = await walkFolder(folder, { deep: false, signal });
  const lost = leftOut.filter(({ isFolder, name }) => !isFolder && SLIDE_NAME.test(name));
  for (const { path, reason } of lost) reporter.warn(`${join(folder, path)} is left out: ${reason}.`);
  const found = files.filter((name) => SLIDE_NAME.test(name));
  if (found.length > 0) return { paths: found.map((name) => join(folder, name)).sort(), leftOut: lost.length };
  throw new UserError(`The folder ${folder} has no slides (.svs, .tif, .png, .jpg or .dcm): name a folder with some.`);
}

async function slidesOf(list: string): Promise<string[]> {
  const lines = (await readText(list, "the list of slides")).split(/\r?\n/).map((line) => line.trim());
  const found = lines.filter((line) => line !== "" && !line.startsWith("#"));
  if (found.length > 0) return found.map((line) => resolve(dirname(list), line));
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
