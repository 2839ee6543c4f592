/** The end of a work: what must not be there before its summary, and what is not needed after it. */
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { UserError } from "../util/errors.ts";
import { CONFLICTS_FOLDER, removeParts } from "./parts.ts";

/**
 * Checks that no unit has two results.
 * @throws UserError that names the first unit with two results.
 */
export async function requireNoConflict(folder: string): Promise<void> {
  const conflicts = join(folder, CONFLICTS_FOLDER);
  const [first] = await readdir(conflicts).catch(() => []);
  if (first === undefined) return;
  throw new UserError(
    "results-differ",
    `${join(conflicts, first)} holds another result than ${join(folder, first)}: compare them, remove the wrong one and this folder, and gather again.`,
  );
}

/** Removes the attempts at units that are done or have failed. */
export async function finishWork(
  folder: string,
  units: readonly { readonly name: string }[],
  unfinished: readonly string[],
): Promise<void> {
  const names = units.map(({ name }) => name);
  await removeParts(folder, names, new Set(unfinished));
}
