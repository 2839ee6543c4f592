/**
 * Reads plain PNG files (ISO/IEC 15948), the form of the published patches: 8-bit RGB, not interlaced, with nothing that
 * could change how the pixels look. It judges no other file: those, and all that is not sound, are decode.ts's to read or refuse.
 */
import { crc32, inflateSync } from "node:zlib";
import type { RgbImage } from "./rgb.ts";

/** Larger pictures are left to the codec, whose threads let the program go on meanwhile. */
const MAX_PIXELS = 1 << 20;
const CHANNELS = 3;
const SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
/** What the header says after width and height: 8 bits, RGB, deflate, the five filters, not interlaced. */
const PLAIN = Buffer.from([8, 2, 0, 0, 0]);
/** Length, type and check sum of a chunk. */
const FRAME_BYTES = 12;
/** Chunks that say nothing of the pixels - the time of the last change, the pixels' size - and their lengths. */
const SILENT_CHUNKS: Readonly<Record<string, number>> = { tIME: 7, pHYs: 9 };
/** Deflate refers back this far at most. */
const MAX_WINDOW_BYTES = 1 << 15;

/** The picture, or undefined where the file is not a plain PNG or not whole in every check sum. */
export function decodePlainPng(input: Uint8Array): RgbImage | undefined {
  const bytes = Buffer.from(input.buffer, input.byteOffset, input.byteLength);
  const chunks = readChunks(bytes);
  if (!chunks) return undefined;
  const { header, packed } = chunks;
  const [width, height] = [header.readUInt32BE(0), header.readUInt32BE(4)];
  if (width === 0 || height === 0 || width * height > MAX_PIXELS || !header.subarray(8).equals(PLAIN)) return undefined;
  const filtered = inflate(packed, height * (1 + width * CHANNELS));
  const data = filtered && unfilter(filtered, width * CHANNELS, height);
  return data && { width, height, data };
}

/** The header's and the image's data of a file that holds, each whole: a header, silent chunks, image data, the end. */
function readChunks(bytes: Buffer): { header: Buffer; packed: Buffer } | undefined {
  if (!bytes.subarray(0, SIGNATURE.length).equals(SIGNATURE)) return undefined;
  const seen = new Set<string>();
  const packed: Buffer[] = [];
  let header: Buffer | undefined;
  for (let start = SIGNATURE.length; start + FRAME_BYTES <= bytes.length; ) {
    const length = bytes.readUInt32BE(start);
    const end = start + FRAME_BYTES + length;
    if (end > bytes.length || crc32(bytes.subarray(start + 4, end - 4)) !== bytes.readUInt32BE(end - 4))
      return undefined;
    const type = bytes.toString("latin1", start + 4, start + 8);
    const data = bytes.subarray(start + 8, end - 4);
    if (type === "IEND") {
      if (length > 0 || end < bytes.length || !header || packed.length === 0) return undefined;
      return { header, packed: packed.length === 1 ? packed[0]! : Buffer.concat(packed) };
    }
    if (type === "IDAT" && header) packed.push(data);
    else if (type === "IHDR" && start === SIGNATURE.length && length === 13) header = data;
    else if (!header || packed.length > 0 || seen.has(type) || SILENT_CHUNKS[type] !== length) return undefined;
    seen.add(type);
    start = end;
  }
  return undefined;
}

/** The content of a zlib stream that is exactly as long as expected and has nothing behind it. */
function inflate(packed: Buffer, expectedBytes: number): Buffer | undefined {
  if (packed.length < 2) return undefined;
  // Strict decoders refuse references that reach beyond the window that the stream declares; here none can.
  const windowBytes = 1 << ((packed[0]! >> 4) + 8);
  if (windowBytes < Math.min(expectedBytes, MAX_WINDOW_BYTES)) return undefined;
  try {
    const options = { info: true, maxOutputLength: expectedBytes, chunkSize: Math.max(expectedBytes, 64) };
    // With `info`, the types do not tell, an object with the engine comes back.
    const { buffer, engine } = inflateSync(packed, options) as unknown as {
      buffer: Buffer;
      engine: { bytesWritten: number };
    };
    return buffer.length === expectedBytes && engine.bytesWritten === packed.length ? buffer : undefined;
  } catch {
    return undefined;
  }
}

/** Undoes each row's filter: a row is its filter's number and its bytes, as differences from bytes before and above. */
function unfilter(filtered: Buffer, rowBytes: number, height: number): Uint8Array | undefined {
  const data = new Uint8Array(rowBytes * height);
  let above: Uint8Array = new Uint8Array(rowBytes);
  for (let y = 0; y < height; y++) {
    const start = y * (1 + rowBytes);
    const undo = FILTERS[filtered[start]!];
    if (!undo) return undefined;
    const row = data.subarray(y * rowBytes, (y + 1) * rowBytes);
    row.set(filtered.subarray(start + 1, start + 1 + rowBytes));
    undo(row, above);
    above = row;
  }
  return data;
}

/** What turns a row's differences into its bytes, given the row above, by the filter's number. */
const FILTERS: readonly ((row: Uint8Array, above: Uint8Array) => void)[] = [
  () => {},
  (row) => {
    for (let i = CHANNELS; i < row.length; i++) row[i] = row[i]! + row[i - CHANNELS]!;
  },
  (row, above) => {
    for (let i = 0; i < row.length; i++) row[i] = row[i]! + above[i]!;
  },
  (row, above) => {
    for (let i = 0; i < CHANNELS; i++) row[i] = row[i]! + (above[i]! >> 1);
    for (let i = CHANNELS; i < row.length; i++) row[i] = row[i]! + ((row[i - CHANNELS]! + above[i]!) >> 1);
  },
  (row, above) => {
    for (let i = 0; i < CHANNELS; i++) row[i] = row[i]! + above[i]!;
    for (let i = CHANNELS; i < row.length; i++) {
      row[i] = row[i]! + paeth(row[i - CHANNELS]!, above[i]!, above[i - CHANNELS]!);
    }
  },
];

/** Of the bytes to the left, above and diagonally above the one nearest to left + above - diagonal, in this order. */
function paeth(left: number, above: number, diagonal: number): number {
  const toLeft = Math.abs(above - diagonal);
  const toAbove = Math.abs(left - diagonal);
  const toDiagonal = Math.abs(left + above - 2 * diagonal);
  if (toLeft <= toAbove && toLeft <= toDiagonal) return left;
  return toAbove <= toDiagonal ? above : diagonal;
}
