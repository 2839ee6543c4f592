/** Output files that a user names: nothing is replaced unless --overwrite is given, and then only by a whole file. */
import { link, mkdir, open, rename, rm, stat } from "node:fs/promises";
import { basename, dirname, join, resolve, sep } from "node:path";
import { codeOf, UserError } from "../util/errors.ts";
import { fileError, kindOf, requireNoLink, requireWritable, syncFolder, writeWhole } from "./files.ts";
import { removeLeftovers, temporaryName } from "./leftovers.ts";

/** A file to be written. */
export interface OutputFile {
  readonly path: string;
  /** The option that names it, such as "--out". */
  readonly flag: string;
  /** Whether a file that exists may be replaced. */
  readonly overwrite: boolean;
}

/**
 * Looks, without making anything, whether a file can be written, whose folders need not exist yet. What killed processes have
 * left in its folder is removed, or named in a warning.
 * @param inputs the files that the work reads, or keeps: the output may be none of them, whatever it is called
 * @throws UserError if it exists and may not be replaced, is a folder, a link or one of the inputs, or cannot be made.
 */
export async function requireOutputFile(
  { path, flag, overwrite }: OutputFile,
  inputs: readonly string[],
  warn: (line: string) => void,
): Promise<void> {
  await requireNoLink(path, flag, "file");
  const kind = await kindOf(path);
  if (kind === "folder") throw new UserError("path-is-folder", `${path} is a folder: name a file with ${flag}.`);
  if (path.endsWith("/") || path.endsWith(sep)) {
    throw new UserError("path-is-folder", `${path} ends with a slash, as a folder does: name a file with ${flag}.`);
  }
  for (const input of inputs) {
    if (!(await isSameFile(path, input))) continue;
    throw new UserError(
      "output-overlaps",
      `${flag} ${path} is the file ${input}, which is needed: name another file with ${flag}.`,
    );
  }
  if (kind === "file" && !overwrite) throw exists(path, flag);
  await requireWritable(dirname(resolve(path)), (error) =>
    fileError(error, `cannot write ${path}`, `choose another file with ${flag}`),
  );
  await removeLeftovers(dirname(resolve(path)), warn);
}

/** By its path, or as another name of the same file. */
async function isSameFile(one: string, other: string): Promise<boolean> {
  if (resolve(one) === resolve(other)) return true;
  const [first, second] = await Promise.all([one, other].map((path) => stat(path, { bigint: true }).catch(() => null)));
  return first !== null && second !== null && first!.ino === second!.ino && first!.dev === second!.dev;
}

/**
 * Writes a file that `requireOutputFile` has allowed. It appears whole or not at all; without `overwrite`, a file that came up
 * meanwhile is kept.
 * @throws UserError if there is such a file, or the file cannot be written.
 */
export async function publishFile({ path, flag, overwrite }: OutputFile, content: string | Uint8Array): Promise<void> {
  const folder = dirname(resolve(path));
  const temporary = join(folder, temporaryName(basename(path), "tmp"));
  try {
    await mkdir(folder, { recursive: true });
    await writeWhole(temporary, content);
    if (overwrite) await rename(temporary, path);
    else await giveName(temporary, path);
    await syncFolder(folder);
  } catch (error) {
    if (codeOf(error) === "EEXIST" && !overwrite) throw exists(path, flag);
    throw fileError(error, `cannot write ${path}`, "check the free space and the permissions of its folder");
  } finally {
    await rm(temporary, { force: true });
  }
}

const WITHOUT_LINKS = ["EPERM", "ENOTSUP", "EOPNOTSUPP", "ENOSYS", "EMLINK"];

/** Unlike a renaming, a second name never replaces a file. */
async function giveName(temporary: string, path: string): Promise<void> {
  try {
    await link(temporary, path);
  } catch (error) {
    if (!WITHOUT_LINKS.includes(codeOf(error) ?? "")) throw error;
    // The file system knows no second names: an empty file, which only one process can make, keeps the place.
    await (await open(path, "wx")).close();
    await rename(temporary, path);
  }
}

function exists(path: string, flag: string): UserError {
  return new UserError(
    "output-exists",
    `${path} exists: choose another file with ${flag}, or replace this one with --overwrite.`,
  );
}
