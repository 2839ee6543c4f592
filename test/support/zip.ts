/** Writes zip archives field by field (PKWARE's APPNOTE), sound or wrong on purpose. */
import { crc32, deflateRawSync } from "node:zlib";

/** A file of an archive. What is not given is right; `local` and `central` overwrite bytes of the two headers at an offset. */
export interface Entry {
  readonly name: string | Buffer;
  readonly bytes: Buffer;
  readonly deflate?: boolean;
  /** Already packed content. */
  readonly packed?: Buffer;
  readonly flags?: number;
  readonly method?: number;
  readonly crc?: number;
  readonly packedSize?: number;
  readonly size?: number;
  readonly extra?: Buffer;
  readonly localExtra?: Buffer;
  readonly comment?: string;
  /** Unix mode, such as that of a symbolic link. */
  readonly mode?: number;
  readonly localSignature?: string;
  readonly localNameLength?: number;
  /** Where the directory says that it lies. */
  readonly offset?: number;
  /** Sizes and CRC follow the content, as streaming programs write them. */
  readonly descriptor?: boolean;
}

/** The whole archive; what is not given is right. */
export interface Archive {
  readonly prefix?: Buffer;
  readonly suffix?: Buffer;
  readonly comment?: Buffer;
  readonly commentLength?: number;
  readonly declared?: number;
  readonly directoryOffset?: number;
  readonly directoryBytes?: number;
  readonly disk?: number;
  /** Adds the end of directory of zip64; its fields can be wrong too. */
  readonly zip64?: { readonly locatorOffset?: number; readonly declared?: bigint; readonly directoryOffset?: bigint };
}

const u16 = (value: number): Buffer => Buffer.from([value & 255, (value >>> 8) & 255]);
const u32 = (value: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value >>> 0);
  return bytes;
};
const u64 = (value: bigint): Buffer => {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt.asUintN(64, value));
  return bytes;
};

/** An extra field. */
export function extraField(id: number, data: Buffer, length = data.length): Buffer {
  return Buffer.concat([u16(id), u16(length), data]);
}

/** The extra field of zip64: uncompressed size, compressed size, offset. */
export function zip64Extra(...values: readonly (number | bigint)[]): Buffer {
  return extraField(1, Buffer.concat(values.map((value) => u64(BigInt(value)))));
}

export function zipFile(entries: readonly Entry[], archive: Archive = {}): Buffer {
  const prefix = archive.prefix ?? Buffer.alloc(0);
  const parts: Buffer[] = [prefix];
  const directory: Buffer[] = [];
  let offset = prefix.length;
  for (const entry of entries) {
    const { local, central } = entryBytes(entry, offset);
    parts.push(local);
    directory.push(central);
    offset += local.length;
  }
  const directoryBytes = Buffer.concat(directory);
  return Buffer.concat([
    ...parts,
    directoryBytes,
    ...endOf(entries.length, offset, directoryBytes.length, archive),
    archive.suffix ?? Buffer.alloc(0),
  ]);
}

/** An archive of the files, in the order given; `all` says what every entry has besides. */
export function zipOf(
  files: Iterable<readonly [string | Buffer, Uint8Array]>,
  all: Omit<Partial<Entry>, "name" | "bytes"> = {},
  archive?: Archive,
): Buffer {
  return zipFile(
    Array.from(files, ([name, bytes]) => ({ name, bytes: Buffer.from(bytes), ...all })),
    archive,
  );
}

/** The parts of an archive that a file has: its own bytes, and its row of the directory. */
export function entryBytes(entry: Entry, offset: number): { local: Buffer; central: Buffer } {
  const { deflate = false, bytes, extra = Buffer.alloc(0), localExtra = Buffer.alloc(0), descriptor = false } = entry;
  const name = Buffer.from(entry.name as string, "utf8");
  const packed = entry.packed ?? (deflate ? deflateRawSync(bytes) : bytes);
  const flags = (entry.flags ?? 0x800) | (descriptor ? 8 : 0);
  const method = entry.method ?? (deflate ? 8 : 0);
  const sizes = [
    u32(entry.crc ?? crc32(bytes)),
    u32(entry.packedSize ?? packed.length),
    u32(entry.size ?? bytes.length),
  ];
  const common = (numbers: Buffer[]): Buffer[] => [u16(45), u16(flags), u16(method), u32(0x5a210000), ...numbers];
  const signature = Buffer.from(entry.localSignature ?? "PK\x03\x04", "latin1");
  const local = Buffer.concat([
    signature,
    ...common(descriptor ? [u32(0), u32(0), u32(0)] : sizes),
    u16(entry.localNameLength ?? name.length),
    u16(localExtra.length),
    name,
    localExtra,
    packed,
    ...(descriptor ? [Buffer.from("PK\x07\x08", "latin1"), ...sizes] : []),
  ]);
  const comment = Buffer.from(entry.comment ?? "");
  const central = Buffer.concat([
    Buffer.from("PK\x01\x02\x2d\x03", "latin1"),
    ...common(sizes),
    u16(name.length),
    u16(extra.length),
    u16(comment.length),
    u16(0),
    u16(0),
    u32((entry.mode ?? 0o100644) << 16),
    u32(entry.offset ?? offset),
    name,
    extra,
    comment,
  ]);
  return { local, central };
}

/** What follows the directory. @param offset where the directory of `bytes` bytes begins */
export function endOf(count: number, offset: number, bytes: number, archive: Archive): Buffer[] {
  const { comment = Buffer.alloc(0), zip64, disk = 0 } = archive;
  const declared = archive.declared ?? Math.min(count, zip64 ? 0xffff : 0x1ffff);
  const end = [
    Buffer.from("PK\x05\x06", "latin1"),
    u16(disk),
    u16(disk),
    u16(declared),
    u16(declared),
    u32(archive.directoryBytes ?? bytes),
    u32(archive.directoryOffset ?? (zip64 ? 0xffffffff : offset)),
    u16(archive.commentLength ?? comment.length),
    comment,
  ];
  if (!zip64) return end;
  const entries = u64(zip64.declared ?? BigInt(count));
  return [
    Buffer.concat([Buffer.from("PK\x06\x06", "latin1"), u64(44n), u16(45), u16(45), u32(0), u32(0), entries, entries]),
    Buffer.concat([u64(BigInt(bytes)), u64(zip64.directoryOffset ?? BigInt(offset))]),
    Buffer.concat([
      Buffer.from("PK\x06\x07", "latin1"),
      u32(0),
      u64(BigInt(zip64.locatorOffset ?? offset + bytes)),
      u32(1),
    ]),
    ...end,
  ];
}
