/** The folders in which attempts at units work. Their names say which process owns them. */
import { readdir, rm, stat } from "node:fs/promises";
import { basename, join } from "node:path";
import { fileError, makeFolders } from "../system/files.ts";
import { isTemporaryName, ownerHasEnded, temporaryName } from "../system/leftovers.ts";

/** The folder beside the results that holds what is not a result: the description, unfinished attempts, failures. */
export const UNITS_FOLDER = ".units";

/** The results that differ from published ones, by unit. */
export const CONFLICTS_FOLDER = join(UNITS_FOLDER, "conflicts");

const partsFolder = (results: string, unit: string): string => join(results, UNITS_FOLDER, "parts", unit);

const REMEDY = "check the free space and the permissions of its folder";

/** Makes an empty folder for an attempt at a unit. Its name says which process owns it. */
export async function newPart(results: string, unit: string): Promise<string> {
  const place = join(partsFolder(results, unit), temporaryName("attempt", "partial"));
  await makeFolders(place).catch((error: unknown) => {
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

/** The paths of all files in a folder. */
export async function filesIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1));
}
