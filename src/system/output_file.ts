/** Output files that a user names. An existing file is replaced only with --overwrite, and only by a complete file. */
import { link, open, rename, rm, stat } from "node:fs/promises";
import { basename, dirname, join, resolve, sep } from "node:path";
import { codeOf, UserError } from "../util/errors.ts";
import { fileError, kindOf, makeFolders, requireNoLink, requireWritable, syncFolder, writeWhole } from "./files.ts";
import { removeLeftovers, temporaryName } from "./leftovers.ts";

/** A file to write. */
export interface OutputFile {
  readonly path: string;
  /** The option that names the file, for example "--out". */
  readonly flag: string;
  /** Whether an existing file may be replaced. */
  readonly overwrite: boolean;
}

/**
 * Checks that a file can be written. Creates nothing; the file's folders need not exist yet. Removes the leftovers of
 * killed processes from its folder, or warns about them.
 * @param inputs the files that the work reads or keeps; the output must not be one of them, under any name
 * @throws UserError if the file exists and may not be replaced, is a folder, a link or one of the inputs, or cannot be
 * written.
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

/** Compares the paths, and the file ids in case one file has two names. */
async function isSameFile(one: string, other: string): Promise<boolean> {
  if (resolve(one) === resolve(other)) return true;
  const [first, second] = await Promise.all([one, other].map((path) => stat(path, { bigint: true }).catch(() => null)));
  return first !== null && second !== null && first!.ino === second!.ino && first!.dev === second!.dev;
}

/**
 * Writes a file that `requireOutputFile` has accepted. The file appears complete or not at all. Without `overwrite`, a
 * file created by another process meanwhile is kept.
 * @throws UserError if there is such a file, or if the file cannot be written.
 */
export async function publishFile({ path, flag, overwrite }: OutputFile, content: string | Uint8Array): Promise<void> {
  const folder = dirname(resolve(path));
  const temporary = join(folder, temporaryName(basename(path), "tmp"));
  try {
    await makeFolders(folder);
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

/** Creates the file as a hard link, which never replaces an existing file, unlike a rename. */
async function giveName(temporary: string, path: string): Promise<void> {
  try {
    await link(temporary, path);
  } catch (error) {
    if (!WITHOUT_LINKS.includes(codeOf(error) ?? "")) throw error;
    // The file system has no hard links. Reserve the name with an empty file, which only one process can create.
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
