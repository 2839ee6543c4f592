/** Reads one file of an open zip archive by its position. Any thread of this process can do it. */
import { readSync } from "node:fs";
import { crc32, inflateRawSync } from "node:zlib";
import { messageOf, UserError } from "../util/errors.ts";

/** A file's position in the archive, as plain data. */
export interface ZipMember {
  /** The archive's file descriptor, which all threads share. */
  readonly fd: number;
  /** The file's name in the archive. */
  readonly path: string;
  /** Where its header begins. */
  readonly offset: number;
  /** The bytes from there that hold the header and the packed file, unless the header is unusually long. */
  readonly span: number;
  readonly packedBytes: number;
  readonly bytes: number;
  readonly crc32: number;
  readonly deflated: boolean;
}

/** Larger files are refused, for the reason `tooLarge`: "it is too large for a patch". */
export interface SizeLimit {
  readonly maxFileBytes: number;
  readonly tooLarge: string;
}

export const LOCAL_HEADER_BYTES = 30;

/**
 * The file's bytes.
 * @throws UserError if it is damaged or too large.
 */
export function readMember(member: ZipMember, { maxFileBytes, tooLarge }: SizeLimit): Buffer {
  if (Math.max(member.bytes, member.packedBytes) > maxFileBytes) throw damaged(member, tooLarge);
  const bytes = unpacked(member, packedBytes(member));
  if (bytes.length !== member.bytes) throw damaged(member, "its size is not what the directory says");
  if (crc32(bytes) !== member.crc32) throw damaged(member, "its checksum does not match");
  return bytes;
}

function packedBytes(member: ZipMember): Buffer {
  const { offset, span, packedBytes } = member;
  const read = readFully(member, span, offset);
  if (read.readUInt32LE(0) !== 0x04034b50) throw damaged(member, "its header is not where the directory says");
  const start = LOCAL_HEADER_BYTES + read.readUInt16LE(26) + read.readUInt16LE(28);
  const packed = read.subarray(start, start + packedBytes);
  return packed.length === packedBytes ? packed : readFully(member, packedBytes, offset + start);
}

function unpacked(member: ZipMember, packed: Buffer): Buffer {
  if (!member.deflated) return packed;
  try {
    return inflateRawSync(packed, { maxOutputLength: Math.max(1, member.bytes) });
  } catch (error) {
    throw damaged(member, messageOf(error));
  }
}

function readFully(member: ZipMember, length: number, position: number): Buffer {
  const bytes = Buffer.allocUnsafe(length);
  let done = 0;
  while (done < length) {
    const count = readSync(member.fd, bytes, done, length - done, position + done);
    if (count === 0) throw damaged(member, "the archive ends too early");
    done += count;
  }
  return bytes;
}

function damaged({ path }: ZipMember, reason: string): UserError {
  return new UserError("archive-damaged", `${path} is damaged in the archive: ${reason}.`);
}
