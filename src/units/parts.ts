/**
 * The folders in which attempts at units work, and the publication of a unit: the attempt's folder is flushed and
 * renamed to the unit's name. The system renames onto an empty or absent folder only, so a unit is published once,
 * however many processes do it.
 */
import { mkdir, readdir, rename, rm, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { fileError, sha256OfFile, syncFolder } from "../system/files.ts";
import { isTemporaryName, ownerHasEnded, temporaryName } from "../system/leftovers.ts";
import { codeOf, UserError } from "../util/errors.ts";

/** The folder beside the results that holds what is not a result: the description, unfinished attempts, failures. */
export const UNITS_FOLDER = ".units";

/** The results that differ from published ones, by unit. */
export const CONFLICTS_FOLDER = join(UNITS_FOLDER, "conflicts");

const partsFolder = (results: string, unit: string): string => join(results, UNITS_FOLDER, "parts", unit);

const REMEDY = "check the free space and the permissions of its folder";

/** Makes an empty folder for an attempt at a unit. Its name says which process owns it. */
export async function newPart(results: string, unit: string): Promise<string> {
  const place = join(partsFolder(results, unit), temporaryName("attempt", "partial"));
  await mkdir(place, { recursive: true }).catch((error: unknown) => {
    throw fileError(error, `cannot make the folder ${place}`, REMEDY);
  });
  return place;
}

/** The folders of the attempts at a unit, the last one first. Their processes may still run. */
export async function attemptsOf(results: string, unit: string): Promise<string[]> {
  const folder = partsFolder(results, unit);
  const names = (await readdir(folder).catch(() => [])).filter(isTemporaryName);
  const found = await Promise.all(
    names.map(async (name) => ({ place: join(folder, name), time: await changeTime(join(folder, name)) })),
  );
  return found.sort((a, b) => b.time - a.time).map(({ place }) => place);
}

const changeTime = (path: string): Promise<number> =>
  stat(path).then(
    ({ mtimeMs }) => mtimeMs,
    () => 0,
  );

/** Removes the folders of attempts at a unit whose processes have ended on this machine. */
export async function removeEndedParts(results: string, unit: string): Promise<void> {
  for (const place of await attemptsOf(results, unit)) {
    if (ownerHasEnded(basename(place))) await rm(place, { recursive: true, force: true });
  }
}

/**
 * Removes the folders of all attempts at units that need none any more. A process that is still at such an attempt
 * finds its folder gone, looks, and finds the unit done.
 * @param unfinished the units whose attempts stay
 */
export async function removeParts(
  results: string,
  units: readonly string[],
  unfinished: ReadonlySet<string>,
): Promise<void> {
  if (unfinished.size === 0) return rm(partsFolder(results, ""), { recursive: true, force: true });
  for (const unit of units) {
    if (!unfinished.has(unit)) await rm(partsFolder(results, unit), { recursive: true, force: true });
  }
}

/**
 * Publishes a filled folder under the unit's name. If the name is taken, the contents are compared: equal ones are
 * dropped, different ones are kept.
 * @throws UserError if another process has published another result for the unit, or if the disk fails.
 */
export async function publish(place: string, results: string, unit: string): Promise<void> {
  const final = join(results, unit);
  try {
    await syncFolder(place);
    await mkdir(dirname(final), { recursive: true });
    await rename(place, final);
    await syncFolder(dirname(final));
  } catch (error) {
    if (!isTaken(error)) throw fileError(error, `cannot write the folder ${final}`, REMEDY);
    const difference = await firstDifference(place, final);
    if (difference === undefined) return rm(place, { recursive: true, force: true });
    const kept = join(results, CONFLICTS_FOLDER, unit, basename(place));
    await mkdir(dirname(kept), { recursive: true });
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

async function filesIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1));
}
