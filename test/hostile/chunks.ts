/** PNG files chunk by chunk (ISO/IEC 15948), whole or damaged on purpose. */
import { crc32, deflateSync } from "node:zlib";

/** A chunk; `crc` and `length` are the right ones unless they are given. */
export interface Chunk {
  readonly type: string;
  readonly data: Buffer;
  readonly crc?: number;
  readonly length?: number;
}

const SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);

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

/** The samples of a picture of noise: [height, width, 3]. */
export function noise(width: number, height: number): Buffer {
  let state = 12345;
  return Buffer.from(
    Array.from({ length: width * height * 3 }, () => {
      state = (Math.imul(state, 1103515245) + 12345) >>> 0;
      return state >>> 24;
    }),
  );
}

/** Rows of bytes, each behind filter 0, packed. */
export function packedRows(samples: Buffer, rowBytes: number): Buffer {
  const rows: Buffer[] = [];
  for (let start = 0; start < samples.length; start += rowBytes) {
    rows.push(Buffer.from([0]), samples.subarray(start, start + rowBytes));
  }
  return deflateSync(Buffer.concat(rows));
}

export const WIDTH = 50;
export const HEIGHT = 50;
export const PIXELS = noise(WIDTH, HEIGHT);
export const END: Chunk = { type: "IEND", data: Buffer.alloc(0) };

/** The picture of PIXELS with a chunk of nearly every kind, animation included. */
export function richChunks(): Chunk[] {
  const packed = packedRows(PIXELS, 3 * WIDTH);
  const half = packed.length >> 1;
  const chunk = (type: string, ...parts: (Buffer | string | number[])[]): Chunk => ({
    type,
    data: Buffer.concat(parts.map((part) => Buffer.from(part as string, "latin1"))),
  });
  const u32 = (...values: number[]) =>
    values.flatMap((value) => [24, 16, 8, 0].map((shift) => (value >>> shift) & 255));
  const second = deflateSync(Buffer.alloc(HEIGHT * (3 * WIDTH + 1), 0));
  return [
    header(WIDTH, HEIGHT, 8, 2, 0, 0, 0),
    chunk("acTL", u32(2, 0)),
    chunk("gAMA", u32(45455)),
    chunk("cHRM", u32(31270, 32900, 64000, 33000, 30000, 60000, 15000, 6000)),
    chunk("sRGB", [0]),
    chunk("sBIT", [8, 8, 8]),
    chunk("PLTE", [1, 2, 3, 4, 5, 6]),
    chunk("bKGD", [0, 1, 0, 2, 0, 3]),
    chunk("hIST", [0, 1, 0, 2]),
    chunk("pHYs", u32(2835, 2835), [1]),
    chunk("sPLT", "name\0", [8, 1, 2, 3, 255, 0, 1]),
    chunk("eXIf", "MM\0\x2a", u32(8), [0, 1, 1, 18, 0, 3], u32(1), [0, 1, 0, 0], u32(0)),
    chunk("tIME", [7, 227, 1, 1, 1, 1, 1]),
    chunk("tEXt", "Comment\0some text"),
    chunk("zTXt", "Comment\0\0", deflateSync(Buffer.from("packed text"))),
    chunk("iTXt", "Comment\0\0\0en\0Comment\0international text"),
    chunk("fcTL", u32(0, WIDTH, HEIGHT, 0, 0), [0, 1, 0, 10, 0, 0]),
    { type: "IDAT", data: packed.subarray(0, half) },
    { type: "IDAT", data: packed.subarray(half) },
    chunk("fcTL", u32(1, WIDTH, HEIGHT, 0, 0), [0, 1, 0, 10, 0, 0]),
    chunk("fdAT", u32(2), second),
    END,
  ];
}
