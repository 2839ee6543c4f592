/**
 * Results in a folder that all processes see. A unit is published by renaming its attempt's folder to the unit's name.
 * The system renames onto an empty or absent folder only, so a unit is published once, however many processes do it.
 */
import { link, readdir, rename, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { fileStamp } from "../system/file_stamp.ts";
import {
  fileError,
  kindOf,
  makeFolders,
  readText,
  sha256OfFile,
  syncFolder,
  writeFileAtomically,
  writeWhole,
} from "../system/files.ts";
import { temporaryName } from "../system/leftovers.ts";
import { codeOf, UserError } from "../util/errors.ts";
import { CONFLICTS_FOLDER, filesIn, removeParts } from "./parts.ts";
import type { Results } from "./results.ts";

const REMEDY = "check the free space and the permissions of its folder";

export function folderResults(folder: string): Results {
  const placeOf = (path: string) => join(folder, path);
  return {
    name: folder,
    folder,
    placeOf,
    read: async (path, what) => ((await kindOf(placeOf(path))) === "file" ? readText(placeOf(path), what) : undefined),
    async write(path, text) {
      await makeFolders(dirname(placeOf(path)));
      await writeFileAtomically(placeOf(path), text);
    },
    writeFirst: (path, text) => writeFirst(placeOf(path), text),
    remove: (path) => rm(placeOf(path), { force: true }),
    stamp: async (path) => ((await kindOf(placeOf(path))) === "file" ? fileStamp(placeOf(path)) : undefined),
    shareFile: async () => {},
    bringFile: async () => {},
    bring: async () => {},
    forget: async () => {},
    publish: (place, unit) => publish(place, folder, unit),
    requireNoConflict: () => requireNoConflict(folder),
    finish: (units, unfinished) => removeParts(folder, units, new Set(unfinished)),
    close: async () => {},
  };
}

async function writeFirst(path: string, text: string): Promise<void> {
  const temporary = join(dirname(path), temporaryName(basename(path), "tmp"));
  try {
    await makeFolders(dirname(path));
    await writeWhole(temporary, text);
    await link(temporary, path).catch((error: unknown) => {
      if (codeOf(error) !== "EEXIST") return rename(temporary, path); // A file system without links.
    });
  } catch (error) {
    throw fileError(error, `cannot write ${path}`, REMEDY);
  } finally {
    await rm(temporary, { force: true });
  }
}

/**
 * Publishes a filled folder under the unit's name. If the name is taken, the contents are compared: equal ones are
 * dropped, different ones are kept.
 * @throws UserError if another process has published another result for the unit, or if the disk fails.
 */
async function publish(place: string, results: string, unit: string): Promise<void> {
  const final = join(results, unit);
  try {
    await syncFolder(place);
    await makeFolders(dirname(final));
    await rename(place, final);
    await syncFolder(dirname(final));
  } catch (error) {
    if (!isTaken(error)) throw fileError(error, `cannot write the folder ${final}`, REMEDY);
    const difference = await firstDifference(place, final);
    if (difference === undefined) return rm(place, { recursive: true, force: true });
    const kept = join(results, CONFLICTS_FOLDER, unit, basename(place));
    await makeFolders(dirname(kept));
    await rename(place, kept);
    throw new UserError(
      "results-differ",
      `Two processes have made ${final}, and ${difference} differs: the other result is ${kept}; compare them, and remove the wrong one.`,
    );
  }
}

/** Windows never renames a folder onto another one. */
const isTaken = (error: unknown): boolean => ["ENOTEMPTY", "EEXIST", "EPERM"].includes(codeOf(error) ?? "");

/** The first file in which two folders differ, as a path in them; undefined if they are equal. */
async function firstDifference(one: string, other: string): Promise<string | undefined> {
  const names = [...new Set([...(await filesIn(one)), ...(await filesIn(other))])].sort();
  for (const name of names) {
    const [a, b] = await Promise.all(
      [one, other].map((folder) => sha256OfFile(join(folder, name)).catch(() => undefined)),
    );
    if (a === undefined || a !== b) return name;
  }
  return undefined;
}

async function requireNoConflict(folder: string): Promise<void> {
  const conflicts = join(folder, CONFLICTS_FOLDER);
  const [first] = await readdir(conflicts).catch(() => []);
  if (first === undefined) return;
  throw new UserError(
    "results-differ",
    `${join(conflicts, first)} holds another result than ${join(folder, first)}: compare them, remove the wrong one and this folder, and gather again.`,
  );
}
