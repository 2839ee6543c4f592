/** Output folders that appear complete or not at all: they are filled under another name and renamed at the end. */
import { mkdir, mkdtemp, rename, rm, rmdir } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { fileError, kindOf, requireFreeFolder, syncFolder } from "../../util/files.ts";

/** A folder being filled. */
export interface Staging {
  /** Where to write until it is published. */
  readonly folder: string;
  /** Gives the folder its final name. */
  publish(): Promise<void>;
  /** Removes what is not published, and the folders that were made for it. */
  discard(): Promise<void>;
}

/**
 * Starts an output folder, which must not exist or be empty. Until it is published it lies in a hidden folder beside its
 * final place; folders above that are made.
 */
export async function stageFolder(path: string, flag: string): Promise<Staging> {
  await requireFreeFolder(path, flag);
  const final = resolve(path);
  const parent = dirname(final);
  const failed = (error: unknown): never => {
    throw fileError(error, `cannot write the output folder ${path}`, `choose another folder with ${flag}`);
  };
  const firstMade = await mkdir(parent, { recursive: true }).catch(failed);
  // The inner folder, unlike mkdtemp's, gets the usual permissions.
  const outer = await mkdtemp(join(parent, `.${basename(final)}.partial-`)).catch(failed);
  const folder = join(outer, "folder");
  await mkdir(folder);
  return {
    folder,
    async publish() {
      await requireFreeFolder(path, flag);
      if ((await kindOf(final)) === "folder") await rmdir(final).catch(failed);
      await rename(folder, final).catch(failed);
      await syncFolder(parent);
    },
    async discard() {
      await rm(outer, { recursive: true, force: true });
      if (firstMade !== undefined) await removeEmpty(parent, dirname(firstMade));
    },
  };
}

/** Removes empty folders from `folder` upwards, as far as and without `end`. */
async function removeEmpty(folder: string, end: string): Promise<void> {
  for (let path = folder; path !== end; path = dirname(path)) {
    try {
      await rmdir(path);
    } catch {
      return; // Something else lies in it.
    }
  }
}
