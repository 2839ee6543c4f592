/** The end of a work in any engine: the summary over all units, and who may write it. */
import { join } from "node:path";
import { makeFolders } from "../system/files.ts";
import { withRunLock } from "../system/folder_lock.ts";
import { unitNames, type WorkDescription } from "./description.ts";
import { UNITS_FOLDER } from "./parts.ts";
import type { Results } from "./results.ts";
import type { Engine } from "./run.ts";

/** What a summary says about the work, whatever the verb. */
export interface Gathered {
  /** The results as the user named them. */
  readonly folder: string;
  /** The names of the units that are not done yet. */
  readonly unfinished: readonly string[];
}

/**
 * Writes the summary, and shares it.
 * @param summarize writes the summary into the folder of the results
 * @throws UserError if a unit has two results, and like `summarize`.
 */
export async function gatherUnits<R extends Gathered>(
  results: Results,
  description: WorkDescription,
  summarize: () => Promise<R>,
): Promise<R> {
  await results.requireNoConflict();
  const result = await summarize();
  await results.finish(unitNames(description), result.unfinished);
  return result;
}

/**
 * Does a whole work while no other process does. With a queue the workers do it, so several processes may look at them.
 * @throws UserError if another process is at work in the folder.
 */
export async function withWorkLock<T>(
  folder: string,
  file: string,
  { queue }: Engine,
  work: () => Promise<T>,
): Promise<T> {
  if (queue !== undefined) return work();
  const own = join(folder, UNITS_FOLDER);
  await makeFolders(own);
  return withRunLock(own, file, work);
}
