/** The decoder of plain PNG files beside libpng (in sharp) and Pillow: the same pixels, or no picture at all. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { deflateSync } from "node:zlib";
import fc from "fast-check";
import { decodePixels } from "../../src/histology/image/decode.ts";
import { decodePlainPng } from "../../src/histology/image/plain_png.ts";
import { damaged, damages, runs } from "../fuzz/runs.ts";
import { noise } from "../hostile/chunks.ts";
import { jsonOf } from "../support/folder.ts";
import { type Chunk, END, header, pngFile, pngOf } from "../support/png.ts";

const golden = jsonOf(new URL("../../golden/values/png.json", import.meta.url)) as {
  files: { mode: string; width: number; height: number; png: string; rgb: string }[];
};

/** What sharp makes of the file; undefined if it refuses it. */
const bySharp = (file: Uint8Array) => decodePixels(file, 25_000_000).catch(() => undefined);

/** Fails if the plain decoder accepts what sharp refuses, or shows other pixels. Returns its picture. */
async function agreed(file: Uint8Array): Promise<Uint8Array | undefined> {
  const plain = decodePlainPng(file);
  if (!plain) return undefined;
  const sharps = await bySharp(file);
  assert.ok(sharps, "accepted, but sharp refuses it");
  assert.deepEqual([plain.width, plain.height], [sharps.width, sharps.height]);
  assert.ok(Buffer.from(plain.data).equals(sharps.data), "the same pixels");
  return plain.data;
}

test("files of Pillow have the pixels that Pillow reads", async () => {
  assert.equal(golden.files.length, 4);
  for (const { mode, png, rgb } of golden.files) {
    const data = await agreed(Buffer.from(png, "base64"));
    assert.ok(data && Buffer.from(rgb, "base64").equals(data), mode);
  }
});

/** Filtered rows of any bytes are the rows of some picture, so every filter meets every neighbourhood. */
const pictures = fc
  .record({
    colourType: fc.constantFrom(0 as const, 2 as const, 6 as const),
    width: fc.integer({ min: 1, max: 12 }),
    filters: fc.array(fc.integer({ min: 0, max: 4 }), { minLength: 1, maxLength: 8 }),
    level: fc.constantFrom(0, 1, 9),
    cuts: fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 2 }),
  })
  .chain((shape) => {
    const pixelBytes = { 0: 1, 2: 3, 6: 4 }[shape.colourType];
    const length = shape.width * pixelBytes;
    const row = fc.uint8Array({ minLength: length, maxLength: length });
    return fc.record({
      shape: fc.constant(shape),
      rows: fc.tuple(...shape.filters.map(() => row)),
    });
  });

test("random rows with every filter give the pixels of libpng, in one chunk or several", async () => {
  let plain = 0;
  await fc.assert(
    fc.asyncProperty(pictures, async ({ shape: { colourType, width, filters, level, cuts }, rows }) => {
      const packed = deflateSync(Buffer.concat(rows.flatMap((row, i) => [Buffer.of(filters[i]!), row])), { level });
      const ends = [...cuts.map((cut) => Math.floor(cut * packed.length)).sort((a, b) => a - b), packed.length];
      const pieces = ends.map((end, i) => ({ type: "IDAT", data: packed.subarray(ends[i - 1] ?? 0, end) }));
      const file = pngFile([header(width, filters.length, 8, colourType, 0, 0, 0), ...pieces, END]);
      const data = await agreed(file);
      // Transparent pixels and empty pieces are for sharp.
      if (colourType !== 6 && pieces.every(({ data }) => data.length > 0)) assert.ok(data);
      if (data) plain++;
    }),
    runs(300),
  );
  assert.ok(plain > 50, `${plain} plain files`);
});

test("opaque RGBA is plain, one transparent pixel is not", async () => {
  const shape = { width: 2, height: 1, colourType: 6, bitDepth: 8 } as const;
  assert.deepEqual([...(await agreed(pngOf(shape, [1, 2, 3, 255, 4, 5, 6, 255])))!], [1, 2, 3, 4, 5, 6]);
  assert.equal(decodePlainPng(pngOf(shape, [1, 2, 3, 255, 4, 5, 6, 254])), undefined);
});

const SAMPLES = noise(9, 9);
const ROWS = Buffer.concat(
  Array.from({ length: 9 }, (_, y) => [Buffer.of(y % 5), SAMPLES.subarray(27 * y, 27 * y + 27)]).flat(),
);
const FIRST = header(9, 9, 8, 2, 0, 0, 0);
const IDAT = { type: "IDAT", data: deflateSync(ROWS) };
const TIME = { type: "tIME", data: Buffer.of(7, 227, 1, 1, 1, 1, 1) };
const SIZE = { type: "pHYs", data: Buffer.of(0, 0, 11, 19, 0, 0, 11, 19, 1) };

test("damaged files are left to sharp, or give its pixels", async () => {
  const whole = pngFile([FIRST, SIZE, TIME, IDAT, END]);
  assert.ok(await agreed(whole));
  await fc.assert(
    fc.asyncProperty(damages, async (list) => void (await agreed(damaged(whole, list)))),
    runs(400),
  );
  for (let length = 0; length < whole.length; length++)
    assert.equal(decodePlainPng(whole.subarray(0, length)), undefined);
  assert.equal(decodePlainPng(Buffer.concat([whole, Buffer.of(0)])), undefined, "a byte behind the end");
});

test("damage behind a right checksum of its chunk is left to sharp, or gives its pixels", async () => {
  for (const chunk of [FIRST, SIZE, TIME, IDAT]) {
    await fc.assert(
      fc.asyncProperty(damages, async (list) => {
        const chunks = [FIRST, SIZE, TIME, IDAT, END];
        const other = { ...chunk, data: damaged(chunk.data, list) };
        await agreed(pngFile(chunks.map((one) => (one === chunk ? other : one))));
      }),
      runs(100),
    );
  }
});

test("what is not ordinary is left to sharp", () => {
  const zlib = (change: (bytes: Buffer) => Buffer): Chunk => ({ type: "IDAT", data: change(Buffer.from(IDAT.data)) });
  const surplus = zlib((bytes) => Buffer.concat([bytes, Buffer.of(0)]));
  const wrongSum = zlib((bytes) => Buffer.concat([bytes.subarray(0, -1), Buffer.of(bytes.at(-1)! ^ 1)]));
  const rows = (bytes: Buffer): Chunk => ({ type: "IDAT", data: deflateSync(bytes) });
  const files: Record<string, Chunk[]> = {
    "a colour profile": [FIRST, { type: "iCCP", data: Buffer.of(1) }, IDAT, END],
    "a gamma": [FIRST, { type: "gAMA", data: Buffer.of(0, 0, 177, 143) }, IDAT, END],
    "a transparent colour": [FIRST, { type: "tRNS", data: Buffer.alloc(6) }, IDAT, END],
    "an orientation": [FIRST, { type: "eXIf", data: Buffer.of(1) }, IDAT, END],
    "two headers": [FIRST, FIRST, IDAT, END],
    "no end": [FIRST, IDAT],
    "an end with content": [FIRST, IDAT, { type: "IEND", data: Buffer.of(1) }],
    "pixels behind the end": [FIRST, END, IDAT],
    "pixels apart": [FIRST, IDAT, TIME, IDAT, END],
    "two times": [FIRST, TIME, TIME, IDAT, END],
    "a byte behind the stream": [FIRST, surplus, END],
    "a wrong checksum of the stream": [FIRST, wrongSum, END],
    "a row too few": [FIRST, rows(ROWS.subarray(28)), END],
    "a row too many": [FIRST, rows(Buffer.concat([ROWS, ROWS.subarray(0, 28)])), END],
    "a filter 5": [FIRST, rows(Buffer.concat([Buffer.of(5), ROWS.subarray(1)])), END],
    "16 bits": [header(9, 9, 16, 2, 0, 0, 0), IDAT, END],
    "a palette": [header(9, 9, 8, 3, 0, 0, 0), IDAT, END],
    "grey and alpha": [header(9, 9, 8, 4, 0, 0, 0), IDAT, END],
    interlaced: [header(9, 9, 8, 2, 0, 0, 1), IDAT, END],
    "no width": [header(0, 9, 8, 2, 0, 0, 0), IDAT, END],
    "no height": [header(9, 0, 8, 2, 0, 0, 0), IDAT, END],
    "a small window for a large picture": [header(30, 30, 8, 2, 0, 0, 0), smallWindow(30), END],
    "more pixels than a patch": [header(513, 512, 8, 2, 0, 0, 0), rows(Buffer.alloc(512 * (1 + 3 * 513))), END],
  };
  for (const [name, chunks] of Object.entries(files)) assert.equal(decodePlainPng(pngFile(chunks)), undefined, name);
  assert.ok(decodePlainPng(pngFile([FIRST, IDAT, END])));
});

/** The rows of a square, in a stream whose window is smaller than they are. */
function smallWindow(side: number): Chunk {
  return { type: "IDAT", data: deflateSync(Buffer.alloc(side * (1 + 3 * side)), { windowBits: 9 }) };
}
