/** Reads whole files, writes files atomically (complete or not at all), and turns file-system errors into messages. */
import { createHash } from "node:crypto";
import { access, constants, mkdir, open, readFile, readlink, realpath, rename, rm, stat } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { inspect } from "node:util";
import type { ErrorCode } from "../util/error_codes.ts";
import { codeOf, UserError } from "../util/errors.ts";
import { counted, whole } from "../util/numbers.ts";
import { temporaryName } from "./leftovers.ts";
import { isObjectAddress } from "./object_address.ts";

/** Number of bytes hashed at a time. */
const HASHED_BYTES = 1 << 20;

/**
 * Writes a file under a temporary name, flushes it to the disk and renames it. An existing file is replaced.
 * output_file.ts handles files that the user names.
 * @param mode the permissions of the file; the process's usual ones by default
 */
export async function writeFileAtomically(path: string, content: FileContent, mode?: number): Promise<void> {
  const temporary = join(dirname(path), temporaryName(basename(path), "tmp"));
  try {
    await writeWhole(temporary, content, mode);
    await rename(temporary, path);
    await syncFolder(dirname(path));
  } catch (error) {
    await rm(temporary, { force: true });
    throw fileError(error, `cannot write ${path}`, "check the free space and the permissions of its folder");
  }
}

/** The content of a file, or its parts one after the other. */
export type FileContent = string | Uint8Array | Iterable<string>;

/** Writes a new file and flushes it to the disk. */
export async function writeWhole(path: string, content: FileContent, mode?: number): Promise<void> {
  const file = await open(path, "wx", mode);
  try {
    await file.writeFile(content);
    await file.sync();
  } finally {
    await file.close();
  }
}

/**
 * Makes a folder and the folders above it. Returns the absolute path of the first one that it made; undefined if all existed.
 * Node would try for ever to make a relative path in a current folder that was deleted.
 */
export const makeFolders = (path: string, mode?: number): Promise<string | undefined> =>
  mkdir(resolve(path), { recursive: true, ...(mode === undefined ? {} : { mode }) });

/** Flushes a folder's entries to the disk. Does nothing on Windows. */
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
 * Refuses an output path that is a link: writing would either change a file elsewhere or replace the link.
 * @throws UserError if the path is a link, even a broken one.
 */
export async function requireNoLink(path: string, flag: string, what: "file" | "folder"): Promise<void> {
  if (isObjectAddress(path))
    throw new UserError(
      "path-invalid",
      `${flag} ${path} is in object storage, where only "slide" writes: name a ${what}.`,
    );
  // With a trailing slash, the system would follow the link.
  const bare = path.replace(/(?<=.)[\\/]+$/, "");
  const target = await readlink(bare).catch(() => undefined);
  if (target === undefined) return;
  throw new UserError(
    "path-is-link",
    `${flag} ${bare} is a link to ${target}: name the ${what} itself, or remove the link.`,
  );
}

/** The real path: links are resolved in the part of the path that exists, and the rest is appended unchanged. */
export async function realPlace(path: string): Promise<string> {
  const whole = resolve(path);
  const real = await realpath(whole).catch(() => undefined);
  if (real !== undefined || dirname(whole) === whole) return real ?? whole;
  return join(await realPlace(dirname(whole)), basename(whole));
}

/**
 * Checks that a folder is writable. If it does not exist, the nearest existing folder above it is checked.
 * @throws the result of `toError` if it is not writable.
 */
export async function requireWritable(folder: string, toError: (error: unknown) => unknown): Promise<void> {
  let parent = folder;
  while ((await kindOf(parent)) === "nothing" && dirname(parent) !== parent) parent = dirname(parent);
  try {
    // The trailing slash makes this fail for a file too.
    await access(join(parent, "/"), constants.W_OK);
  } catch (error) {
    throw toError(error);
  }
}

/** The largest file that is read into memory. No file of ours is larger. */
const MAX_FILE_BYTES = 256 * 1024 * 1024;

/** The largest description: a file in JSON about a dataset, a run or a result. */
const MAX_DESCRIPTION_BYTES = 8 * 1024 * 1024;

/**
 * A file's text without a byte-order mark; `what` names the file in errors, for example "the manifest".
 * @throws UserError if the file cannot be read, is too large or is not UTF-8.
 */
export async function readText(path: string, what: string): Promise<string> {
  return textOf(await readBytes(path, what), path);
}

/**
 * As `readText`, for a description that a folder of somebody else may hold.
 * @throws UserError as `readText`, and if it is larger than a description can be.
 */
export async function readDescriptionText(path: string, what: string): Promise<string> {
  return textOf(await readBytes(path, what, MAX_DESCRIPTION_BYTES), path);
}

const textOf = (bytes: Uint8Array, path: string): string => decodeText(bytes, path).replace(/^\ufeff/, "");

/**
 * The text of bytes in UTF-8. A byte-order mark is kept.
 * @throws UserError if the bytes are not UTF-8 text.
 */
export function decodeText(bytes: Uint8Array, place: string): string {
  try {
    const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
    if (!text.includes("\0")) return text;
  } catch {} // Falls through to the error below.
  throw notText(place);
}

export function notText(place: string): UserError {
  return new UserError("text-invalid", `${place} is not text in UTF-8: save it as UTF-8, or restore it.`);
}

/**
 * A file's bytes; `what` names the file in errors, for example "the model".
 * @throws UserError if the file cannot be read or is too large.
 */
export async function readBytes(path: string, what: string, mostBytes = MAX_FILE_BYTES): Promise<Uint8Array> {
  requirePath(path);
  try {
    const found = await stat(path);
    if (!found.isFile() && !found.isDirectory()) throw notAFile(path);
    const { size } = found;
    if (size > mostBytes) {
      throw new UserError(
        "file-too-large",
        `Cannot read ${what} ${path}: it has ${counted(size, "byte")}, and ${whole(mostBytes)} are read at most; check the path.`,
      );
    }
    return await readFile(path);
  } catch (error) {
    throw fileError(error, `cannot read ${what} ${path}`, "check the path");
  }
}

/**
 * Whether the path is a folder, a file, or does not exist.
 * @throws UserError if it is something else, such as a pipe, whose reading may never end, or if it cannot be accessed.
 */
export async function kindOf(path: string): Promise<"folder" | "file" | "nothing"> {
  requirePath(path);
  try {
    const found = await stat(path);
    if (found.isDirectory()) return "folder";
    if (found.isFile()) return "file";
  } catch (error) {
    if (codeOf(error) === "ENOENT" || codeOf(error) === "ENOTDIR") {
      if (!path.includes("\ufffd")) return "nothing";
      // On the command line, Node replaces bytes that are not UTF-8 by this character, so the file is not found.
      throw new UserError(
        "path-invalid",
        `${path} is a name that is not UTF-8, at the sign \ufffd: rename the file or folder.`,
      );
    }
    throw fileError(error, `cannot open ${path}`, "check the path and its permissions");
  }
  throw notAFile(path);
}

/**
 * Checks a path from JavaScript callers, who have no compiler to check types.
 * @throws UserError if the path is empty or not a string.
 */
export function requirePath(path: unknown): void {
  if (path === "") throw new UserError("path-invalid", "A path is empty: name a file or folder.");
  if (typeof path !== "string")
    throw new UserError("path-invalid", `A path must be a text, but is ${inspect(path, { depth: 0 })}.`);
}

function notAFile(path: string): UserError {
  return new UserError("path-not-ordinary", `${path} is a device, pipe or socket: give an ordinary file or folder.`);
}

/** The SHA-256 of bytes, in hexadecimal. */
export function sha256OfBytes(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

/**
 * The SHA-256 of a file's bytes, in hexadecimal.
 * @throws the signal's reason if it is aborted.
 */
export async function sha256OfFile(path: string, signal?: AbortSignal): Promise<string> {
  const hash = createHash("sha256");
  // Reuses one block. A stream allocates a new block per read, which costs memory and garbage collection on files of
  // gigabytes.
  const block = Buffer.allocUnsafe(HASHED_BYTES);
  const file = await open(path, "r");
  try {
    for (;;) {
      signal?.throwIfAborted();
      const { bytesRead } = await file.read(block, 0, block.length);
      if (bytesRead === 0) return hash.digest("hex");
      hash.update(block.subarray(0, bytesRead));
    }
  } finally {
    await file.close();
  }
}

/** Turns a file-system error into a UserError; returns other errors unchanged. */
export function fileError(error: unknown, what: string, remedy: string): unknown {
  const [code, reason] = REASONS[codeOf(error) ?? ""] ?? [];
  if (code === undefined) return error;
  return new UserError(code, `${what[0]!.toUpperCase()}${what.slice(1)}: ${reason}; ${remedy}.`);
}

const REASONS: Readonly<Record<string, readonly [ErrorCode, string]>> = {
  ENOENT: ["file-missing", "no such file or folder"],
  ENOTDIR: ["path-invalid", "a part of the path is a file, not a folder"],
  EEXIST: ["output-exists", "a file of that name is in the way"],
  EISDIR: ["path-is-folder", "it is a folder, not a file"],
  ENOTEMPTY: ["output-exists", "another process has filled it meanwhile"],
  EACCES: ["permission-denied", "permission denied"],
  EPERM: ["permission-denied", "the system does not permit it"],
  EROFS: ["disk-read-only", "the file system is read-only"],
  ENOSPC: ["disk-full", "the disk is full"],
  EFBIG: ["disk-full", "the file would exceed the size limit"],
  EDQUOT: ["disk-full", "the disk quota is used up"],
  ELOOP: ["path-invalid", "its links lead in a circle"],
  ERR_INVALID_ARG_VALUE: ["path-invalid", "its name holds a NUL character"],
  ENAMETOOLONG: ["path-invalid", "the name is too long"],
  EMFILE: ["files-too-many", "too many files are open"],
  EIO: ["disk-failed", "the disk reported an error"],
};
