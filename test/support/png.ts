/** Writes PNG files chunk by chunk (ISO/IEC 15948), sound or wrong on purpose, so that tests of the decoder need no codec of their own. */
import { crc32, deflateSync } from "node:zlib";

/** A chunk; `crc` and `length` are the right ones unless they are given. */
export interface Chunk {
  readonly type: string;
  readonly data: Buffer;
  readonly crc?: number;
  readonly length?: number;
}

export interface PngShape {
  readonly width: number;
  readonly height: number;
  /** 0 grey, 2 RGB, 4 grey and alpha, 6 RGB and alpha. */
  readonly colourType: 0 | 2 | 4 | 6;
  readonly bitDepth: 8 | 16;
}

const SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
export const END: Chunk = { type: "IEND", data: Buffer.alloc(0) };

export function chunkBytes({ type, data, crc, length }: Chunk): Buffer {
  const body = Buffer.concat([Buffer.from(type, "latin1"), data]);
  const bytes = Buffer.alloc(8 + body.length);
  bytes.writeUInt32BE((length ?? data.length) >>> 0, 0);
  body.copy(bytes, 4);
  bytes.writeUInt32BE((crc ?? crc32(body)) >>> 0, 4 + body.length);
  return bytes;
}

export function pngFile(chunks: readonly Chunk[]): Buffer {
  return Buffer.concat([SIGNATURE, ...chunks.map(chunkBytes)]);
}

/** The first chunk: [width, height, bit depth, colour type, compression, filter, interlace]. */
export function header(...fields: readonly [number, number, number, number, number, number, number]): Chunk {
  const data = Buffer.alloc(13);
  data.writeUInt32BE(fields[0], 0);
  data.writeUInt32BE(fields[1], 4);
  data.set(fields.slice(2), 8);
  return { type: "IHDR", data };
}

/** Rows of bytes, each behind filter 0, packed. */
export function packedRows(samples: Buffer, rowBytes: number): Buffer {
  const rows: Buffer[] = [];
  for (let start = 0; start < samples.length; start += rowBytes) {
    rows.push(Buffer.from([0]), samples.subarray(start, start + rowBytes));
  }
  return deflateSync(Buffer.concat(rows));
}

/** A PNG of the samples, row by row, in the order of the colour type. */
export function pngOf({ width, height, colourType, bitDepth }: PngShape, samples: ArrayLike<number>): Buffer {
  const bytes = bitDepth === 8 ? Buffer.from(samples) : Buffer.from(Uint16Array.from(samples).buffer).swap16();
  const data = packedRows(bytes, bytes.length / height);
  return pngFile([header(width, height, bitDepth, colourType, 0, 0, 0), { type: "IDAT", data }, END]);
}

/** An RGB PNG of one byte a sample. */
export function rgbPng(width: number, height: number, sampleAt: (index: number) => number): Buffer {
  const samples = new Uint8Array(width * height * 3);
  for (let index = 0; index < samples.length; index++) samples[index] = sampleAt(index);
  return pngOf({ width, height, colourType: 2, bitDepth: 8 }, samples);
}
