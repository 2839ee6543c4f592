/**
 * Decodes plain PNG files of the size of patches: 8 bits, grey or RGB, or RGBA without transparency, not interlaced,
 * with no chunk that could change a pixel (ISO/IEC 15948). decode.ts decides about every other file.
 */
import { crc32, inflateSync } from "node:zlib";
import { fastUnfilter } from "./fast_unfilter.ts";
import type { RgbImage } from "./rgb.ts";
import { unfilter } from "./unfilter.ts";

/** Pictures with more pixels are not patches. They would hold the calling thread too long. */
const MOST_PIXELS = 512 * 512;

/** The bytes per pixel of the colour types that are plain: grey, RGB, RGBA. */
const PIXEL_BYTES: Readonly<Record<number, 1 | 3 | 4>> = { 0: 1, 2: 3, 6: 4 };

const SIGNATURE = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];

/** A chunk's name, as the number that its four bytes form. */
const name = (text: string): number => Buffer.from(text, "latin1").readUInt32BE();
const [HEADER, PIXELS, END] = [name("IHDR"), name("IDAT"), name("IEND")];

/** The chunks that say nothing about the pixels, with their lengths: time of the last change, size of a pixel. */
const NOTES: ReadonlyMap<number, number> = new Map([
  [name("tIME"), 7],
  [name("pHYs"), 9],
]);

/** Length and name come before a chunk's content, its checksum after it. */
const BEFORE = 8;
const AFTER = 4;
const HEADER_BYTES = 13;

/** What the chunks of a plain file contain. */
interface PlainFile {
  readonly width: number;
  readonly height: number;
  readonly pixelBytes: 1 | 3 | 4;
  /** The zlib stream of the rows. */
  readonly packed: Uint8Array;
}

/**
 * The picture, or undefined if the file is not a plain PNG file: of another kind, not ordinary in any way, or damaged.
 * The result then says nothing about whether the file is readable.
 */
export function decodePlainPng(file: Uint8Array): RgbImage | undefined {
  const plain = readPlain(Buffer.from(file.buffer, file.byteOffset, file.length));
  if (!plain) return undefined;
  const { width, height, pixelBytes, packed } = plain;
  const rows = unpack(packed, height * (1 + width * pixelBytes));
  const samples = rows && (pixelBytes === 1 ? unfilter(rows, width, 1) : fastUnfilter(rows, width, pixelBytes));
  const data = samples && toRgb(samples, pixelBytes);
  return data && { width, height, data };
}

/** Reads the chunks: the header, notes, the pixels in one or several, the end of the file. All checksums must match. */
function readPlain(file: Buffer): PlainFile | undefined {
  if (SIGNATURE.some((byte, i) => file[i] !== byte)) return undefined;
  const packed: Buffer[] = [];
  const noted = new Set<number>();
  let header: Omit<PlainFile, "packed"> | undefined;
  let at = SIGNATURE.length;
  while (at + BEFORE + AFTER <= file.length) {
    const length = file.readUInt32BE(at);
    const type = file.readUInt32BE(at + 4);
    const start = at + BEFORE;
    const end = start + length;
    if (end + AFTER > file.length || crc32(file.subarray(at + 4, end)) !== file.readUInt32BE(end)) return undefined;
    at = end + AFTER;
    const content = file.subarray(start, end);
    if (!header) {
      header = type === HEADER ? readHeader(content) : undefined;
      if (!header) return undefined;
    } else if (type === PIXELS && length > 0) packed.push(content);
    else if (type === END && length === 0 && packed.length > 0 && at === file.length)
      return { ...header, packed: packed.length === 1 ? packed[0]! : Buffer.concat(packed) };
    else if (NOTES.get(type) === length && packed.length === 0 && !noted.has(type)) noted.add(type);
    else return undefined;
  }
  return undefined;
}

function readHeader(content: Buffer): Omit<PlainFile, "packed"> | undefined {
  if (content.length !== HEADER_BYTES) return undefined;
  const [width, height] = [content.readUInt32BE(0), content.readUInt32BE(4)];
  const [bits, colourType, compression, filter, interlace] = content.subarray(8);
  const pixelBytes = PIXEL_BYTES[colourType!];
  if (pixelBytes === undefined || bits !== 8 || compression !== 0 || filter !== 0 || interlace !== 0) return undefined;
  if (width === 0 || height === 0 || width * height > MOST_PIXELS) return undefined;
  return { width, height, pixelBytes };
}

/** Bits 4 to 7 of a zlib stream's first byte plus this are the logarithm of the distance that it may look back. */
const WINDOW_BITS = 8;
const LARGEST_WINDOW = 1 << 15;

/** Unpacks a zlib stream of exactly `size` bytes, with its checksum and without surplus bytes behind it. */
function unpack(packed: Uint8Array, size: number): Uint8Array | undefined {
  // zlib allows the largest distance whatever the stream states. Other decoders do not.
  const window = 1 << ((packed[0]! >> 4) + WINDOW_BITS);
  if (window !== LARGEST_WINDOW && window < size) return undefined;
  try {
    const options = { info: true, maxOutputLength: size, chunkSize: Math.max(64, size + 1) } as const;
    const { buffer, engine } = inflateSync(packed, options) as unknown as Unpacked;
    return buffer.length === size && engine.bytesWritten === packed.length ? buffer : undefined;
  } catch {
    return undefined;
  }
}

/** What zlib returns if it is asked for information: the output, and the number of bytes of the input that it used. */
interface Unpacked {
  readonly buffer: Buffer;
  readonly engine: { readonly bytesWritten: number };
}

/** Grey three times; red, green and blue as they are; RGBA without alpha, undefined if a pixel is transparent. */
function toRgb(samples: Uint8Array, pixelBytes: 1 | 3 | 4): Uint8Array | undefined {
  if (pixelBytes === 3) return samples;
  const data = new Uint8Array((3 * samples.length) / pixelBytes);
  const [green, blue] = pixelBytes === 1 ? [0, 0] : [1, 2];
  for (let from = 0, to = 0; from < samples.length; from += pixelBytes, to += 3) {
    if (pixelBytes === 4 && samples[from + 3] !== 255) return undefined;
    data[to] = samples[from]!;
    data[to + 1] = samples[from + green]!;
    data[to + 2] = samples[from + blue]!;
  }
  return data;
}
