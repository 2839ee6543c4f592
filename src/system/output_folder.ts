/** Output folders. They must be new or empty and not links. A staged folder appears complete or not at all. */
import { mkdir, readdir, rename, rm, rmdir } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { codeOf, UserError } from "../util/errors.ts";
import { fileError, kindOf, makeFolders, requireNoLink, requireWritable, syncFolder } from "./files.ts";
import { isTemporaryName, removeLeftovers, temporaryName } from "./leftovers.ts";

/**
 * Checks that an output folder is free: it is empty, or does not exist and can be created. Creates nothing.
 * @param lock the name of the folder's lock file. With it, a folder is also free if a process was killed there after it
 * had taken the lock and before it had written anything.
 * @throws UserError if it contains files, is a file or a link, or cannot be created.
 */
export async function requireFreeFolder(path: string, flag = "--out", lock?: string): Promise<void> {
  await requireFolder(path, flag);
  if ((await kindOf(path)) === "folder" && !isUnused(await readdir(path), lock)) {
    throw new UserError(
      "output-exists",
      `The output folder ${path} is not empty: choose a new folder with ${flag}, or empty this one.`,
    );
  }
  await requireWritable(resolve(path), (error) => cannotMake(path, flag, error));
}

/**
 * Checks that a path can be used as an output folder, which may contain files. Creates nothing.
 * @throws UserError if it is a file or a link.
 */
export async function requireFolder(path: string, flag = "--out"): Promise<void> {
  await requireNoLink(path, flag, "folder");
  if ((await kindOf(path)) === "file") {
    throw new UserError("path-is-file", `The output folder ${path} is a file: choose a new folder with ${flag}.`);
  }
}

/**
 * Creates an output folder, which must be free.
 * @throws UserError as `requireFreeFolder`.
 */
export async function createOutputFolder(path: string, flag = "--out", lock?: string): Promise<void> {
  await requireFreeFolder(path, flag, lock);
  try {
    await makeFolders(path);
  } catch (error) {
    throw cannotMake(path, flag, error);
  }
}

/**
 * Checks, after the folder is locked, that no other process has filled it since it was found to be free.
 * @param lock the name of the lock file, beside which SQLite keeps a journal
 * @throws UserError if the folder contains anything else.
 */
export async function requireOnly(path: string, lock: string, flag = "--out"): Promise<void> {
  if (isUnused(await readdir(path), lock)) return;
  throw new UserError(
    "output-exists",
    `Another process has filled ${path} meanwhile: choose a new folder with ${flag}.`,
  );
}

/** Whether a folder holds nothing but its lock and what a killed process was writing. */
function isUnused(names: readonly string[], lock: string | undefined): boolean {
  return names.every((name) => lock !== undefined && (name.startsWith(lock) || isTemporaryName(name)));
}

function cannotMake(path: string, flag: string, error: unknown): unknown {
  return fileError(error, `cannot make the output folder ${path}`, `choose another folder with ${flag}`);
}

/** An output folder while it is being filled. */
export interface Staging {
  /** The folder to write to until `publish`. */
  readonly folder: string;
  /** Renames the folder to its final name. */
  publish(): Promise<void>;
  /** Removes an unpublished folder, and the parent folders that were created for it. */
  discard(): Promise<void>;
}

/**
 * Starts an output folder, which must not exist or must be empty. Until it is published it is a hidden folder beside
 * its final path. Creates missing parent folders. Removes the leftovers of killed processes there, or warns about them.
 * @throws UserError as `requireFreeFolder`.
 */
export async function stageFolder(path: string, flag: string, warn: (line: string) => void): Promise<Staging> {
  await requireFreeFolder(path, flag);
  const final = resolve(path);
  const parent = dirname(final);
  const failed = (error: unknown): never => {
    throw fileError(error, `cannot write the output folder ${path}`, `choose another folder with ${flag}`);
  };
  await removeLeftovers(parent, warn);
  const firstMade = await makeFolders(parent).catch(failed);
  const folder = join(parent, temporaryName(basename(final), "partial"));
  await mkdir(folder).catch(failed);
  return {
    folder,
    async publish() {
      await requireFreeFolder(path, flag);
      if ((await kindOf(final)) === "folder") await rmdir(final).catch(failed);
      await syncFolder(folder);
      // If another process has created the folder meanwhile, it is replaced only if it is empty.
      await rename(folder, final).catch(failed);
      await syncFolder(parent);
    },
    async discard() {
      await rm(folder, { recursive: true, force: true });
      if (firstMade !== undefined) await removeEmpty(parent, dirname(firstMade));
    },
  };
}

/** Fills an output folder, which appears when the work is done. If the work fails, nothing remains. */
export async function fillFolder(
  path: string,
  flag: string,
  warn: (line: string) => void,
  work: (folder: string) => Promise<void>,
): Promise<void> {
  const staging = await stageFolder(path, flag, warn);
  try {
    await work(staging.folder);
    await staging.publish();
  } finally {
    await staging.discard();
  }
}

/** Removes `folder` and its parents while they are empty, and stops before `end`. */
async function removeEmpty(folder: string, end: string): Promise<void> {
  for (let path = folder; path !== end; path = dirname(path)) {
    try {
      await rmdir(path);
    } catch (error) {
      if (codeOf(error) !== "ENOENT") return; // It is not empty.
    }
  }
}
