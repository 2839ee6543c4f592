/** Opens a zip archive and lists its files. zip_member.ts reads single files by their offset. */
import { type FileHandle, open } from "node:fs/promises";
import { setImmediate } from "node:timers/promises";
import { type Entry, fromRandomAccessReaderPromise, getFileNameLowLevel } from "yauzl";
import { messageOf, UserError } from "../util/errors.ts";
import { nameOf, shownBytes } from "./file_names.ts";
import { fileError } from "./files.ts";
import type { LeftOut } from "./walk.ts";
import { LOCAL_HEADER_BYTES, type ZipMember } from "./zip_member.ts";
import { DirectoryReader } from "./zip_reader.ts";

/** An open archive. If it contains a path twice, the first file counts. */
export interface ZipArchive {
  readonly place: string;
  /** The paths of the archive's files, in no particular order. A path may appear twice. */
  readonly paths: readonly string[];
  /** Links, and files whose names are not UTF-8. */
  readonly leftOut: readonly ArchiveLeftOut[];
  /** The position of one of these files. It is valid until the archive is closed. */
  locate(path: string): ZipMember;
  close(): Promise<void>;
}

/** A file of the archive that is left out. */
export type ArchiveLeftOut = Pick<LeftOut, "path" | "kind" | "reason">;

/** The error texts for one use of an archive. */
export interface ZipUse {
  /** Names what was expected if the file is not an archive: "a zip archive or a folder with the patches". */
  readonly expected: string;
  /** What to do with an archive that cannot be read: "unpack it and give the folder". */
  readonly instead: string;
  /** Files to skip silently. */
  readonly skip?: (path: string) => boolean;
}

/** Archivers add times and ids of this size to a header. The directory does not say how many bytes they take there. */
const EXTRA_BYTES = 64;

/**
 * Opens an archive and lists its files.
 * @throws UserError if the file is not a zip archive, is cut off or empty, is encrypted or uses an unsupported
 * compression method; the signal's reason if it is aborted.
 */
export async function openZip(place: string, use: ZipUse, signal?: AbortSignal): Promise<ZipArchive> {
  const file = await open(place).catch((error: unknown) => {
    throw fileError(error, `cannot open the archive ${place}`, "check its permissions");
  });
  try {
    const paths: string[] = [];
    const leftOut: ArchiveLeftOut[] = [];
    const members = await listMembers(file, { place, use, paths, leftOut }, signal);
    if (members.size === 0 && leftOut.length === 0)
      throw new UserError("archive-empty", `The archive ${place} holds no files: check that it is the right one.`);
    return {
      place,
      paths,
      leftOut,
      locate: (path) => members.get(path)!,
      close: () => file.close(),
    };
  } catch (error) {
    await file.close();
    throw error;
  }
}

/** Reads the archive's directory. `paths` receives every path, the returned map the first file of each path. */
async function listMembers(
  file: FileHandle,
  { place, use, paths, leftOut }: { place: string; use: ZipUse; paths: string[]; leftOut: ArchiveLeftOut[] },
  signal: AbortSignal | undefined,
): Promise<Map<string, ZipMember>> {
  const { size } = await file.stat();
  const members = new Map<string, ZipMember>();
  const reader = new DirectoryReader(file.fd);
  let packedBytes = 0;
  let listed = 0;
  try {
    const zip = await fromRandomAccessReaderPromise(reader, size, { autoClose: false });
    for await (const entry of zip.eachEntry()) {
      if (++listed % ENTRIES_AT_A_TIME === 0) await setImmediate();
      signal?.throwIfAborted();
      const path = pathOf(entry);
      if (entry.fileName.endsWith("/") || use.skip?.(path ?? entry.fileName)) continue;
      const member = toMember(entry, { fd: file.fd, path: path ?? entry.fileName, archiveBytes: size }, { place, use });
      // Refuses overlapping files, which could make a small archive take endless work.
      packedBytes += LOCAL_HEADER_BYTES + member.packedBytes;
      if (packedBytes > size) throw new Error("its files overlap");
      if (path === undefined) leftOut.push({ path: shownBytes(entry.fileNameRaw), kind: "name", reason: NOT_UTF8 });
      else if (isLink(entry))
        leftOut.push({ path, kind: "link", reason: "it is a link, which an archive cannot follow" });
      else {
        paths.push(path);
        if (!members.has(path)) members.set(path, member);
      }
    }
    reader.assertDirectoryEnds();
    return members;
  } catch (error) {
    signal?.throwIfAborted();
    if (error instanceof UserError) throw error;
    throw unreadable({ place, use }, messageOf(error), reader.startsLikeZip());
  }
}

/** The listing pauses for the event loop after this many entries, so that a request to stop is handled. */
const ENTRIES_AT_A_TIME = 1024;
const NOT_UTF8 = "its name is not UTF-8: pack the archive again with UTF-8 names";
/** The flag that marks a name as UTF-8. */
const UTF8_FLAG = 0x800;

/**
 * A file's path; undefined if its encoding is unknown. Many programs write UTF-8 without setting the flag. Others write
 * their country's code page although the standard prescribes code page 437. Bytes that are not UTF-8 are therefore not
 * guessed.
 */
function pathOf({ fileNameRaw, extraFields }: Entry): string | undefined {
  // An extra field may contain a second name, in UTF-8.
  const name = getFileNameLowLevel(UTF8_FLAG, fileNameRaw, extraFields, false);
  return nameOf(fileNameRaw) !== undefined || !name.includes("\ufffd") ? name : undefined;
}

/** Whether the entry is a symbolic link. Unix archivers store the file type in the upper half of the attributes. */
function isLink({ externalFileAttributes, versionMadeBy }: Entry): boolean {
  return versionMadeBy >>> 8 === 3 && externalFileAttributes >>> 28 === 0xa;
}

/** An archive's name and use, for errors. */
interface NamedEntry {
  readonly place: string;
  readonly use: ZipUse;
}

function toMember(
  entry: Entry,
  { fd, path, archiveBytes }: { fd: number; path: string; archiveBytes: number },
  { place, use }: NamedEntry,
): ZipMember {
  const { fileName, compressionMethod, compressedSize, uncompressedSize, relativeOffsetOfLocalHeader } = entry;
  if (entry.isEncrypted()) throw encrypted({ place, use }, fileName);
  if (!entry.canDecodeFileData()) {
    throw new UserError(
      "archive-unsupported",
      `${fileName} in the archive ${place} is packed with method ${compressionMethod}, which is not supported: ` +
        `pack it again as an ordinary (deflated or stored) zip archive, or ${use.instead}.`,
    );
  }
  if (relativeOffsetOfLocalHeader + LOCAL_HEADER_BYTES + compressedSize > archiveBytes) {
    throw unreadable({ place, use }, `${fileName} lies beyond its end`, true);
  }
  const span = LOCAL_HEADER_BYTES + entry.fileNameRaw.length + EXTRA_BYTES + compressedSize;
  return {
    fd,
    path,
    offset: relativeOffsetOfLocalHeader,
    span: Math.min(span, archiveBytes - relativeOffsetOfLocalHeader),
    packedBytes: compressedSize,
    bytes: uncompressedSize,
    crc32: entry.crc32,
    deflated: compressionMethod === 8,
  };
}

function encrypted({ place, use }: NamedEntry, what: string): UserError {
  return new UserError("archive-encrypted", `${what} in the archive ${place} is encrypted: ${use.instead}.`);
}

/** The error for an archive whose directory cannot be read. */
function unreadable({ place, use }: NamedEntry, reason: string, startsLikeZip: boolean): UserError {
  if (/encryption/.test(reason)) return encrypted({ place, use }, "A file");
  return startsLikeZip
    ? new UserError(
        "archive-damaged",
        `The zip archive ${place} is cut off or damaged (${reason}): download or copy it again.`,
      )
    : new UserError("archive-invalid", `${place} is not a zip archive: give ${use.expected}.`);
}
