/** Files that appear complete or not at all, and output folders that are made only where nothing is lost. */
import { createHash } from "node:crypto";
import { access, constants, mkdir, open, readdir, readFile, rename, rm, stat } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { codeOf, messageOf, UserError } from "./errors.ts";
import { counted, whole } from "./numbers.ts";

/** Bytes of a file that are hashed at a time. */
const HASHED_BYTES = 1 << 20;

const temporaryName = (name: string): string => `.${name}.${process.pid}.tmp`;
const TEMPORARY_NAME = /^\..+\.\d+\.tmp$/;

/** Writes a file under a temporary name, flushes it to the disk and renames it into place. */
export async function writeFileAtomically(path: string, content: string | Uint8Array): Promise<void> {
  const temporary = join(dirname(path), temporaryName(basename(path)));
  try {
    const file = await open(temporary, "w");
    try {
      await file.writeFile(content);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
    await syncFolder(dirname(path));
  } catch (error) {
    await rm(temporary, { force: true });
    throw fileError(error, `cannot write ${path}`, "check the free space and the permissions of its folder");
  }
}

/** Removes what writers that were killed have left in a folder; nobody may be writing there. */
export async function removeTemporaryFiles(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    if (TEMPORARY_NAME.test(name)) await rm(join(folder, name), { force: true });
  }
}

/** Flushes a folder's entries to the disk, where the system can do that. */
export async function syncFolder(path: string): Promise<void> {
  if (process.platform === "win32") return;
  const folder = await open(path, "r");
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

/**
 * Looks, without making anything, whether an output folder is free: it does not exist yet and can be made, or is empty.
 * @throws UserError where it holds files, is a file, or cannot be made.
 */
export async function requireFreeFolder(path: string, flag = "--out"): Promise<void> {
  const kind = await kindOf(path);
  if (kind === "file") throw new UserError(`The output folder ${path} is a file: choose a new folder with ${flag}.`);
  if (kind === "folder" && (await readdir(path)).length > 0) {
    throw new UserError(`The output folder ${path} is not empty: choose a new folder with ${flag}, or empty this one.`);
  }
  await requireWritable(resolve(path), (error) => cannotMake(path, flag, error));
}

/**
 * Looks, without making anything, whether a file can be written, whose folders need not exist yet; it may be replaced.
 * @throws UserError where it is a folder or cannot be made.
 */
export async function requireWritableFile(path: string, flag: string): Promise<void> {
  if ((await kindOf(path)) === "folder") throw new UserError(`${path} is a folder: name a file with ${flag}.`);
  await requireWritable(dirname(resolve(path)), (error) =>
    fileError(error, `cannot write ${path}`, `choose another file with ${flag}`),
  );
}

/** Looks whether a folder, or else the nearest one above it that exists, can be written to. */
async function requireWritable(folder: string, toError: (error: unknown) => unknown): Promise<void> {
  let parent = folder;
  while ((await kindOf(parent)) === "nothing" && dirname(parent) !== parent) parent = dirname(parent);
  try {
    // With the slash at its end, a file in the place of a folder is refused too.
    await access(join(parent, "/"), constants.W_OK);
  } catch (error) {
    throw toError(error);
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

function cannotMake(path: string, flag: string, error: unknown): unknown {
  return fileError(error, `cannot make the output folder ${path}`, `choose another folder with ${flag}`);
}

/** A larger file than this is none of ours, and is refused rather than read into memory. */
const MAX_FILE_BYTES = 256 * 1024 * 1024;

/** A file's text without a byte-order mark; `what` names it in the error, such as "the manifest". */
export async function readText(path: string, what: string): Promise<string> {
  return decodeText(await readBytes(path, what), path).replace(/^\ufeff/, "");
}

/**
 * The text as it is, a byte-order mark included.
 * @throws UserError where the bytes are not text in UTF-8.
 */
export function decodeText(bytes: Uint8Array, place: string): string {
  try {
    const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
    if (!text.includes("\0")) return text;
  } catch {} // The sentence below says it.
  throw new UserError(`${place} is not text in UTF-8: save it as UTF-8, or restore it.`);
}

/** A file's bytes; `what` names it in the error, such as "the model". */
export async function readBytes(path: string, what: string): Promise<Uint8Array> {
  try {
    const found = await stat(path);
    if (!found.isFile() && !found.isDirectory()) throw notAFile(path);
    const { size } = found;
    if (size > MAX_FILE_BYTES) {
      throw new UserError(
        `Cannot read ${what} ${path}: it has ${counted(size, "byte")}, and ${whole(MAX_FILE_BYTES)} are read at most; check the path.`,
      );
    }
    return await readFile(path);
  } catch (error) {
    throw fileError(error, `cannot read ${what} ${path}`, "check the path");
  }
}

/**
 * Whether the path is a folder, a file, or nothing.
 * @throws UserError where it is something else, such as a pipe, which might never end, or where it cannot be opened.
 */
export async function kindOf(path: string): Promise<"folder" | "file" | "nothing"> {
  if (path === "") throw new UserError("A path is empty: name a file or folder.");
  try {
    const found = await stat(path);
    if (found.isDirectory()) return "folder";
    if (found.isFile()) return "file";
  } catch (error) {
    if (codeOf(error) === "ENOENT" || codeOf(error) === "ENOTDIR") return "nothing";
    throw fileError(error, `cannot open ${path}`, "check the path and its permissions");
  }
  throw notAFile(path);
}

function notAFile(path: string): UserError {
  return new UserError(`${path} is a device, pipe or socket: give an ordinary file or folder.`);
}

/** The SHA-256 of bytes, in hexadecimal. */
export function sha256OfBytes(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

/** The SHA-256 of a file's bytes, in hexadecimal. */
export async function sha256OfFile(path: string): Promise<string> {
  const hash = createHash("sha256");
  // One block for all: a stream makes a new one for each, and packs of gigabytes then cost memory and collections.
  const block = Buffer.allocUnsafe(HASHED_BYTES);
  const file = await open(path, "r");
  try {
    for (;;) {
      const { bytesRead } = await file.read(block, 0, block.length);
      if (bytesRead === 0) return hash.digest("hex");
      hash.update(block.subarray(0, bytesRead));
    }
  } finally {
    await file.close();
  }
}

/** Turns an error of the file system into a sentence for the user; other errors pass unchanged. */
export function fileError(error: unknown, what: string, mend: string): unknown {
  const code = codeOf(error);
  if (code === undefined || !(code in REASONS)) return error;
  return new UserError(`${what[0]!.toUpperCase()}${what.slice(1)}: ${REASONS[code] ?? messageOf(error)}; ${mend}.`);
}

const REASONS: Record<string, string> = {
  ENOENT: "no such file or folder",
  ENOTDIR: "a part of the path is a file, not a folder",
  EEXIST: "a file of that name is in the way",
  EISDIR: "it is a folder, not a file",
  EACCES: "permission denied",
  EPERM: "the system does not permit it",
  EROFS: "the file system is read-only",
  ENOSPC: "the disk is full",
  EFBIG: "the file would exceed the size limit",
  EDQUOT: "the disk quota is used up",
  ELOOP: "its links lead in a circle",
  ERR_INVALID_ARG_VALUE: "its name holds a NUL character",
  ENAMETOOLONG: "the name is too long",
  EMFILE: "too many files are open",
  EIO: "the disk reported an error",
};
