/** Writes zip archives byte by byte (PKWARE's APPNOTE), sound or wrong on purpose. */
import { crc32, deflateRawSync } from "node:zlib";

export interface ZipOptions {
  deflate?: boolean;
  /** General purpose flags: 1 is encrypted, 0x40 strongly encrypted. */
  flags?: number;
  /** The compression method that is stated. */
  method?: number;
  /** Whether names are stated to be UTF-8, as they are unless told. */
  utf8?: boolean;
  /** The attributes of a file of Unix, such as 0o120777 of a link. */
  mode?: number;
  /** The number of entries that is stated. */
  declared?: number;
}

/** An archive of the files, in the order given. */
export function zipOf(files: Iterable<readonly [string | Uint8Array, Uint8Array]>, options: ZipOptions = {}): Buffer {
  const { deflate = false, flags = 0, utf8 = true, mode = 0 } = options;
  const method = options.method ?? (deflate ? 8 : 0);
  const parts: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const [name, bytes] of files) {
    const packed = deflate ? deflateRawSync(bytes) : Buffer.from(bytes);
    const nameBytes = Buffer.from(name);
    const common = Buffer.alloc(26); // From "version needed" to the length of the extra field.
    common.writeUInt16LE(20, 0);
    common.writeUInt16LE(flags | (utf8 ? 0x800 : 0), 2);
    common.writeUInt16LE(method, 4);
    common.writeUInt32LE(crc32(bytes), 10);
    common.writeUInt32LE(packed.length, 14);
    common.writeUInt32LE(bytes.length, 18);
    common.writeUInt16LE(nameBytes.length, 22);
    const local = Buffer.concat([Buffer.from("PK\x03\x04", "latin1"), common, nameBytes, packed]);
    const tail = Buffer.alloc(14);
    tail.writeUInt32LE(mode * 0x10000, 6);
    tail.writeUInt32LE(offset, 10);
    directory.push(Buffer.from("PK\x01\x02\x14\x03", "latin1"), common, tail, nameBytes);
    parts.push(local);
    offset += local.length;
  }
  const directoryBytes = Buffer.concat(directory);
  const end = Buffer.alloc(22);
  end.write("PK\x05\x06", 0, "latin1");
  const declared = options.declared ?? parts.length;
  end.writeUInt16LE(declared, 8);
  end.writeUInt16LE(declared, 10);
  end.writeUInt32LE(directoryBytes.length, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...parts, directoryBytes, end]);
}
