/** Reads a zip archive in place: its directory once, then single files by their offset. */
import { type FileHandle, open } from "node:fs/promises";
import { setImmediate } from "node:timers/promises";
import { promisify } from "node:util";
import { crc32, inflateRaw } from "node:zlib";
import { type Entry, fromRandomAccessReaderPromise, getFileNameLowLevel } from "yauzl";
import { messageOf, UserError } from "../util/errors.ts";
import { nameOf, shownBytes } from "./file_names.ts";
import { fileError } from "./files.ts";
import type { LeftOut } from "./walk.ts";
import { DirectoryReader } from "./zip_reader.ts";

/** An open archive. If it contains a path twice, the first file counts. */
export interface ZipArchive {
  readonly place: string;
  /** The paths of the archive's files, in no particular order. A path may appear twice. */
  readonly paths: readonly string[];
  /** Links, and files whose names are not UTF-8. */
  readonly leftOut: readonly ArchiveLeftOut[];
  /**
   * The bytes of one file. Several calls may run at the same time.
   * @throws UserError if the file is damaged or too large.
   */
  read(path: string): Promise<Uint8Array>;
  close(): Promise<void>;
}

/** A file of the archive that is left out. */
export type ArchiveLeftOut = Pick<LeftOut, "path" | "kind" | "reason">;

/** The limits and the error texts for one use of an archive. */
export interface ZipUse {
  /** Larger files are refused, for the reason `tooLarge`: "it is too large for a patch". */
  readonly maxFileBytes: number;
  readonly tooLarge: string;
  /** Names what was expected if the file is not an archive: "a zip archive or a folder with the patches". */
  readonly expected: string;
  /** What to do with an archive that cannot be read: "unpack it and give the folder". */
  readonly instead: string;
  /** Files to skip silently. */
  readonly skip?: (path: string) => boolean;
}

/** A file's position in the archive. */
interface Member {
  offset: number;
  packedBytes: number;
  bytes: number;
  crc32: number;
  deflated: boolean;
}

const LOCAL_HEADER_BYTES = 30;
const inflate = promisify(inflateRaw);

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
      read: (path) => readMember(file, { path, ...members.get(path)! }, use),
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
): Promise<Map<string, Member>> {
  const { size } = await file.stat();
  const members = new Map<string, Member>();
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
      const member = toMember(entry, size, { place, use });
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

function toMember(entry: Entry, archiveBytes: number, { place, use }: NamedEntry): Member {
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
  return {
    offset: relativeOffsetOfLocalHeader,
    packedBytes: compressedSize,
    bytes: uncompressedSize,
    crc32: entry.crc32,
    deflated: compressionMethod === 8,
  };
}

async function readMember(
  file: FileHandle,
  { path, ...member }: Member & { path: string },
  { maxFileBytes, tooLarge }: ZipUse,
): Promise<Uint8Array> {
  const damaged = (reason: string): UserError =>
    new UserError("archive-damaged", `${path} is damaged in the archive: ${reason}.`);
  if (Math.max(member.bytes, member.packedBytes) > maxFileBytes) throw damaged(tooLarge);
  const header = Buffer.allocUnsafe(LOCAL_HEADER_BYTES);
  await readFully(file, header, member.offset, damaged);
  if (header.readUInt32LE(0) !== 0x04034b50) throw damaged("its header is not where the directory says");
  const packed = Buffer.allocUnsafe(member.packedBytes);
  const start = member.offset + LOCAL_HEADER_BYTES + header.readUInt16LE(26) + header.readUInt16LE(28);
  await readFully(file, packed, start, damaged);
  const bytes = member.deflated
    ? await inflate(packed, { maxOutputLength: Math.max(1, member.bytes) }).catch((error: unknown) => {
        throw damaged(messageOf(error));
      })
    : packed;
  if (bytes.length !== member.bytes) throw damaged("its size is not what the directory says");
  if (crc32(bytes) !== member.crc32) throw damaged("its checksum does not match");
  return bytes;
}

async function readFully(
  file: FileHandle,
  into: Buffer,
  position: number,
  damaged: (reason: string) => UserError,
): Promise<void> {
  let done = 0;
  while (done < into.length) {
    const { bytesRead } = await file.read(into, done, into.length - done, position + done);
    if (bytesRead === 0) throw damaged("the archive ends too early");
    done += bytesRead;
  }
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
