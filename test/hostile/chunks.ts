/** A picture of noise, and a PNG of it with a chunk of nearly every kind. */
import { deflateSync } from "node:zlib";
import { type Chunk, END, header, packedRows } from "../support/png.ts";

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

export const WIDTH = 50;
export const HEIGHT = 50;
export const PIXELS = noise(WIDTH, HEIGHT);

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
