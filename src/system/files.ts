/** Files that are read whole, or appear complete or not at all, and errors of the file system in words. */
import { createHash } from "node:crypto";
import { access, constants, open, readFile, readlink, realpath, rename, rm, stat } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { inspect } from "node:util";
import type { ErrorCode } from "../util/error_codes.ts";
import { codeOf, UserError } from "../util/errors.ts";
import { counted, whole } from "../util/numbers.ts";
import { temporaryName } from "./leftovers.ts";

/** Bytes of a file that are hashed at a time. */
const HASHED_BYTES = 1 << 20;

/** Writes a file of our own under a temporary name, flushes it to the disk and renames it into place; one that exists is replaced. */
export async function writeFileAtomically(path: string, content: string | Uint8Array): Promise<void> {
  const temporary = join(dirname(path), temporaryName(basename(path), "tmp"));
  try {
    await writeWhole(temporary, content);
    await rename(temporary, path);
    await syncFolder(dirname(path));
  } catch (error) {
    await rm(temporary, { force: true });
    throw fileError(error, `cannot write ${path}`, "check the free space and the permissions of its folder");
  }
}

/** Writes a new file and flushes it to the disk. */
export async function writeWhole(path: string, content: string | Uint8Array): Promise<void> {
  const file = await open(path, "wx");
  try {
    await file.writeFile(content);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Flushes a folder's entries to the disk, if the system can do that. */
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
 * An output that is a link would be written to another place than the one named, or the link would be lost.
 * @throws UserError if the path is a link, also one that leads nowhere.
 */
export async function requireNoLink(path: string, flag: string, what: "file" | "folder"): Promise<void> {
  // With a slash at its end, a link would be followed.
  const bare = path.replace(/(?<=.)[\\/]+$/, "");
  const target = await readlink(bare).catch(() => undefined);
  if (target === undefined) return;
  throw new UserError(
    "path-is-link",
    `${flag} ${bare} is a link to ${target}: name the ${what} itself, or remove the link.`,
  );
}

/** The real path of what exists of a path, and the rest of it as it is. */
export async function realPlace(path: string): Promise<string> {
  const whole = resolve(path);
  const real = await realpath(whole).catch(() => undefined);
  if (real !== undefined || dirname(whole) === whole) return real ?? whole;
  return join(await realPlace(dirname(whole)), basename(whole));
}

/** Looks whether a folder, or else the nearest one above it that exists, can be written to. */
export async function requireWritable(folder: string, toError: (error: unknown) => unknown): Promise<void> {
  let parent = folder;
  while ((await kindOf(parent)) === "nothing" && dirname(parent) !== parent) parent = dirname(parent);
  try {
    // With the slash at its end, a file in the place of a folder is refused too.
    await access(join(parent, "/"), constants.W_OK);
  } catch (error) {
    throw toError(error);
  }
}

/** A larger file than this is none of ours, and is refused rather than read into memory. */
const MAX_FILE_BYTES = 256 * 1024 * 1024;

/** A file's text without a byte-order mark; `what` names it in the error, such as "the manifest". */
export async function readText(path: string, what: string): Promise<string> {
  return decodeText(await readBytes(path, what), path).replace(/^\ufeff/, "");
}

/**
 * The text as it is, a byte-order mark included.
 * @throws UserError if the bytes are not text in UTF-8.
 */
export function decodeText(bytes: Uint8Array, place: string): string {
  try {
    const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
    if (!text.includes("\0")) return text;
  } catch {} // The sentence below says it.
  throw notText(place);
}

export function notText(place: string): UserError {
  return new UserError("text-invalid", `${place} is not text in UTF-8: save it as UTF-8, or restore it.`);
}

/** A file's bytes; `what` names it in the error, such as "the model". */
export async function readBytes(path: string, what: string): Promise<Uint8Array> {
  requirePath(path);
  try {
    const found = await stat(path);
    if (!found.isFile() && !found.isDirectory()) throw notAFile(path);
    const { size } = found;
    if (size > MAX_FILE_BYTES) {
      throw new UserError(
        "file-too-large",
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
 * @throws UserError if it is something else, such as a pipe, which might never end, or if it cannot be opened.
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
      // On the command line, bytes that are not UTF-8 become this sign, under which there is no file.
      throw new UserError(
        "path-invalid",
        `${path} is a name that is not UTF-8, at the sign \ufffd: rename the file or folder.`,
      );
    }
    throw fileError(error, `cannot open ${path}`, "check the path and its permissions");
  }
  throw notAFile(path);
}

/** For callers from JavaScript, whom no compiler warns. */
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
  // One block for all: a stream makes a new one for each, and packs of gigabytes then cost memory and collections.
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

/** Turns an error of the file system into a sentence for the user; other errors pass unchanged. */
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
