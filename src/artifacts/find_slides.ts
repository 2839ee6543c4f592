/**
 * Finds the slides that a command's arguments name (files, objects, folders of slides, and lists), and names the folder
 * for each slide's results.
 */
import { basename, dirname, extname, resolve } from "node:path";
import { oneFilePerSlide, SLIDE_EXTENSIONS } from "../histology/slide/open.ts";
import { csvRows } from "../system/csv_stream.ts";
import { kindOf, readText } from "../system/files.ts";
import { findFiles, type WantedFiles } from "../system/found_files.ts";
import { isObjectAddress, objectAddress } from "../system/object_address.ts";
import type { Context } from "../util/context.ts";
import { UserError } from "../util/errors.ts";
import { wholeNumber } from "../util/foreign_table.ts";
import { whole } from "../util/numbers.ts";
import { listStoredSlides } from "./slide_copy.ts";

const LIST_NAME = /\.(txt|csv)$/i;

export interface SlideList {
  readonly paths: readonly string[];
  /** Whether there is only one slide and it was named directly, so that its results need no folder of their own. */
  readonly single: boolean;
  /** The number of slides in folders that cannot be scored. Each has its own warning. */
  readonly leftOut: number;
}

/**
 * Finds the slides of the arguments.
 * @param given paths of slides, of folders with slides (also in subfolders), or of lists: .txt with one path per line,
 * .csv with a column of paths. Paths in a list are relative to the list's folder, or otherwise to the working folder.
 * Each may also be an object in object storage (s3://bucket/name) or, with "/" at its end, all objects below it.
 * @param context receives warnings about ignored files of a folder or list
 * @throws UserError if a path does not exist, or a folder or list contains no slide.
 */
export async function listSlides(given: readonly string[], context: Context): Promise<SlideList> {
  const paths: string[] = [];
  let named = true;
  let leftOut = 0;
  for (const path of given) {
    if (isObjectAddress(path)) {
      const found = path.endsWith("/") ? await listStoredSlides(path, context) : namedObject(path);
      named &&= !path.endsWith("/");
      leftOut += found.leftOut;
      for (const place of found.places) paths.push(place);
      continue;
    }
    const kind = await kindOf(path);
    if (kind === "nothing")
      throw new UserError("slide-missing", `There is no slide or folder at ${path}: check the path.`);
    if (kind === "file" && !LIST_NAME.test(path)) {
      paths.push(path);
      continue;
    }
    named = false;
    if (kind === "folder") {
      const found = await findFiles(path, SLIDES, context);
      leftOut += found.leftOut;
      for (const file of await oneFilePerSlide(found.files)) paths.push(file);
    } else for (const place of await slidesOf(path, context)) paths.push(place);
  }
  const unique = [...new Map(paths.map((path) => [isObjectAddress(path) ? path : resolve(path), path])).values()];
  return { paths: unique, single: named && unique.length === 1, leftOut };
}

/** @throws UserError if it is no slide by its name. */
function namedObject(place: string): { readonly places: readonly string[]; readonly leftOut: number } {
  const { key } = objectAddress(place);
  if (!LIST_NAME.test(key)) return { places: [place], leftOut: 0 };
  throw new UserError("slide-unsupported", `${place} is a list in object storage: copy the list to this machine.`);
}

/** Only for files in folders. A file that is named directly is opened under any name. */
const hasSlideName = (name: string): boolean => SLIDE_EXTENSIONS.includes(extname(name).toLowerCase());

const SLIDES: WantedFiles = { isWanted: hasSlideName, kind: "slides", endings: SLIDE_EXTENSIONS.join(", ") };

async function slidesOf(list: string, context: Context): Promise<string[]> {
  const found = /\.csv$/i.test(list) ? await slidesOfTable(list, context) : await slidesOfLines(list);
  if (found.length === 0) {
    throw new UserError("slide-list-empty", `The list ${list} names no slides: write the path of one slide per line.`);
  }
  return Promise.all(found.map((path) => listed(list, path)));
}

async function slidesOfLines(list: string): Promise<string[]> {
  const lines = (await readText(list, "the list of slides")).split(/\r?\n/).map((line) => line.trim());
  return lines.filter((line) => line !== "" && !line.startsWith("#")).map(unquoted);
}

/** Removes quotes around a path, as written for a shell. */
function unquoted(line: string): string {
  const inner = /^(["'])(.*)\1$/.exec(line)?.[2];
  return inner ?? line;
}

/** The names of the slide column in `slides.csv`, in CLAM's process list and in CLAM's tables of cases. */
const SLIDE_COLUMN = { slide: ["slide_id", "path", "file", "filename", "image"] } as const;

/** In CLAM's process list, slides with 0 in the column "process" are not to be processed. */
async function slidesOfTable(list: string, { reporter, signal }: Context): Promise<string[]> {
  const paths: string[] = [];
  const left: string[] = [];
  const columns = {
    columns: ["slide"] as const,
    otherNames: SLIDE_COLUMN,
    optional: ["process"],
    what: "the list of slides",
    signal,
  };
  for await (const row of csvRows<"slide">(list, columns)) {
    const { slide, process = "1" } = row as { slide: string; process?: string };
    if (slide !== "") (wholeNumber(process) === 0 ? left : paths).push(slide);
  }
  if (left.length > 0) {
    reporter.warn(
      `${whole(left.length)} of the slides in ${list} are marked as not to be processed (such as ${left[0]}).`,
    );
  }
  return paths;
}

/**
 * The file of a list entry: relative to the list's folder, or otherwise to the working folder, as in the `slides.csv`
 * of an earlier run.
 * @throws UserError if there is no such file.
 */
async function listed(list: string, path: string): Promise<string> {
  if (isObjectAddress(path)) return namedObject(path).places[0]!;
  const places = [resolve(dirname(list), path), resolve(path)];
  for (const place of places) {
    const found = await withExtension(place);
    if (found !== undefined) return found;
  }
  throw new UserError(
    "slide-missing",
    `There is no slide ${path}, which the list ${list} names: write paths from the list's folder on.`,
  );
}

/**
 * The path, or the path with the only slide extension for which a file exists, since CLAM's tables omit the extension.
 */
async function withExtension(path: string): Promise<string | undefined> {
  if ((await kindOf(path)) === "file") return path;
  if (hasSlideName(path)) return undefined;
  const kinds = await Promise.all(SLIDE_EXTENSIONS.map((extension) => kindOf(path + extension)));
  const found = SLIDE_EXTENSIONS.filter((_, index) => kinds[index] === "file");
  return found.length === 1 ? path + found[0] : undefined;
}

/**
 * A unique folder name for each slide: the file's name without extension. If that is not unique, the extension is
 * added, and then a number. A hidden file gets a number too, because a hidden folder is not seen.
 */
export function folderNames(paths: readonly string[]): string[] {
  const stemOf = (path: string) => basename(path, extname(path));
  const stems = countsOf(paths, stemOf);
  const names = countsOf(paths, (path) => basename(path));
  return paths.map((path, index) => {
    const isHidden = basename(path).startsWith(".");
    if (!isHidden && stems.get(folded(stemOf(path))) === 1) return stemOf(path);
    const isUnique = !isHidden && names.get(folded(basename(path))) === 1;
    return isUnique ? basename(path) : `${index + 1}-${basename(path)}`;
  });
}

/** How many paths have each name. */
function countsOf(paths: readonly string[], nameOf: (path: string) => string): Map<string, number> {
  const counts = new Map<string, number>();
  for (const path of paths) {
    const name = folded(nameOf(path));
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return counts;
}

/** Some file systems do not distinguish "A" and "a". */
const folded = (name: string): string => name.toLowerCase();
