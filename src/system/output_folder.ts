/** Output folders: they must be new or empty, are no links, and those that are staged appear complete or not at all. */
import { mkdir, readdir, rename, rm, rmdir } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { codeOf, UserError } from "../util/errors.ts";
import { fileError, kindOf, requireNoLink, requireWritable, syncFolder } from "./files.ts";
import { removeLeftovers, temporaryName } from "./leftovers.ts";

/**
 * Looks, without making anything, whether an output folder is free: it does not exist yet and can be made, or is empty.
 * @throws UserError if it holds files, is a file or a link, or cannot be made.
 */
export async function requireFreeFolder(path: string, flag = "--out"): Promise<void> {
  await requireFolder(path, flag);
  if ((await kindOf(path)) === "folder" && (await readdir(path)).length > 0) {
    throw new UserError(
      "output-exists",
      `The output folder ${path} is not empty: choose a new folder with ${flag}, or empty this one.`,
    );
  }
  await requireWritable(resolve(path), (error) => cannotMake(path, flag, error));
}

/**
 * Looks, without making anything, whether the path can be an output folder that may hold files already.
 * @throws UserError if it is a file or a link.
 */
export async function requireFolder(path: string, flag = "--out"): Promise<void> {
  await requireNoLink(path, flag, "folder");
  if ((await kindOf(path)) === "file") {
    throw new UserError("path-is-file", `The output folder ${path} is a file: choose a new folder with ${flag}.`);
  }
}

/**
 * Makes an output folder that must be free.
 * @throws UserError as `requireFreeFolder`.
 */
export async function createOutputFolder(path: string, flag = "--out"): Promise<void> {
  await requireFreeFolder(path, flag);
  try {
    await mkdir(path, { recursive: true });
  } catch (error) {
    throw cannotMake(path, flag, error);
  }
}

/**
 * Looks again, once the folder is locked, whether another process has filled it since it was found free.
 * @param lock the lock, which SQLite keeps a journal beside
 * @throws UserError if there is something else.
 */
export async function requireOnly(path: string, lock: string, flag = "--out"): Promise<void> {
  if ((await readdir(path)).every((name) => name.startsWith(lock))) return;
  throw new UserError(
    "output-exists",
    `Another process has filled ${path} meanwhile: choose a new folder with ${flag}.`,
  );
}

function cannotMake(path: string, flag: string, error: unknown): unknown {
  return fileError(error, `cannot make the output folder ${path}`, `choose another folder with ${flag}`);
}

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
 * final place; folders above that are made. What killed processes have left there is removed, or named in a warning.
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
  const firstMade = await mkdir(parent, { recursive: true }).catch(failed);
  const folder = join(parent, temporaryName(basename(final), "partial"));
  await mkdir(folder).catch(failed);
  return {
    folder,
    async publish() {
      await requireFreeFolder(path, flag);
      if ((await kindOf(final)) === "folder") await rmdir(final).catch(failed);
      await syncFolder(folder);
      // A folder that came up meanwhile is only replaced if it is empty.
      await rename(folder, final).catch(failed);
      await syncFolder(parent);
    },
    async discard() {
      await rm(folder, { recursive: true, force: true });
      if (firstMade !== undefined) await removeEmpty(parent, dirname(firstMade));
    },
  };
}

/** Fills an output folder, which appears when the work is done; nothing is left of work that fails. */
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

/** Removes empty folders from `folder` upwards, as far as and without `end`. */
async function removeEmpty(folder: string, end: string): Promise<void> {
  for (let path = folder; path !== end; path = dirname(path)) {
    try {
      await rmdir(path);
    } catch (error) {
      if (codeOf(error) !== "ENOENT") return; // Something else lies in it.
    }
  }
}
