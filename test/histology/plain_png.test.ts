/** The reader of plain PNGs: the pixels that went in, the codec's pixels, and nothing that the codec refuses. */
import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import test from "node:test";
import { deflateSync } from "node:zlib";
import { decodeImage } from "../../src/histology/image/decode.ts";
import { decodePlainPng } from "../../src/histology/image/plain_png.ts";
import { RandomStream } from "../../src/util/random.ts";
import { temporaryFolder } from "./support/cohort.ts";
import { chunk, pngOf, SIGNATURE } from "./support/png.ts";

const CHANNELS = 3;
const TIME = chunk("tIME", Buffer.from([7, 222, 3, 13, 23, 32, 55]));

/** What is put together to a file; a test changes a part of it. */
interface Parts {
  width: number;
  height: number;
  header: Buffer;
  /** The filtered rows. */
  rows: Buffer;
  silent: Buffer[];
  behind: Buffer[];
  deflate: (rows: Buffer) => Buffer;
  /** How many chunks the image data is spread over. */
  blocks: number;
}

/** Random parts of a sound plain file. All five filters occur, over random differences: any bytes are some picture. */
function randomParts(random: RandomStream): Parts {
  const [width, height] = [1 + random.integer(50), 1 + random.integer(50)];
  const rows = Buffer.from(random.bytes(height * (1 + CHANNELS * width)));
  if (random.integer(2) === 0) rows.fill(random.integer(256));
  for (let y = 0; y < height; y++) rows[y * (1 + CHANNELS * width)] = random.integer(5);
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 2, 0, 0, 0], 8);
  const silent = [TIME, chunk("pHYs", Buffer.alloc(9, 1))];
  const level = random.integer(10);
  const deflate = (bytes: Buffer) => deflateSync(bytes, { level });
  return { width, height, header, rows, silent: silent.slice(random.integer(3)), behind: [], deflate, blocks: 1 };
}

function fileOf({ header, rows, silent, behind, deflate, blocks }: Parts): Buffer {
  const packed = deflate(rows);
  const size = Math.ceil(packed.length / blocks);
  const data = Array.from({ length: blocks }, (_, i) => chunk("IDAT", packed.subarray(i * size, (i + 1) * size)));
  return Buffer.concat([
    SIGNATURE,
    chunk("IHDR", header),
    ...silent,
    ...data,
    ...behind,
    chunk("IEND", Buffer.alloc(0)),
  ]);
}

/** Ways in which a file is not plain or not sound; each leaves the other parts alone. */
const CHANGES: Record<string, (parts: Parts, random: RandomStream) => Partial<Parts>> = {
  "another header": ({ header }, random) => ({ header: changed(header, random) }),
  "another filter": ({ rows }, random) => ({ rows: Buffer.from(rows.with(0, 5 + random.integer(251))) }),
  "too few rows": ({ rows }) => ({ rows: rows.subarray(0, -1) }),
  "too many rows": ({ rows }) => ({ rows: Buffer.concat([rows, Buffer.alloc(1)]) }),
  "a changed stream": ({ deflate }, random) => ({ deflate: (rows) => changed(deflate(rows), random) }),
  "a cut stream": ({ deflate }) => ({ deflate: (rows) => deflate(rows).subarray(0, -1) }),
  "bytes behind the stream": ({ deflate }) => ({
    deflate: (rows) => Buffer.concat([deflate(rows), Buffer.alloc(3)]),
  }),
  "another check sum of the stream": ({ deflate }, random) => ({
    deflate: (rows) => withChangedEnd(deflate(rows), random),
  }),
  "two blocks of image data": () => ({ blocks: 2 }),
  "no image data": () => ({ blocks: 0 }),
  "an empty block": () => ({ deflate: () => Buffer.alloc(0) }),
  "a small window": () => ({ deflate: (rows) => deflateSync(rows, { windowBits: 9 }) }),
  transparency: ({ silent }) => ({ silent: [...silent, chunk("tRNS", Buffer.alloc(6))] }),
  gamma: ({ silent }) => ({ silent: [...silent, chunk("gAMA", Buffer.from([0, 0, 0xb1, 0x8f]))] }),
  "a chunk twice": ({ silent }) => ({ silent: [...silent, TIME, TIME] }),
  "a chunk that is too long": () => ({ silent: [chunk("tIME", Buffer.alloc(8))] }),
  "a chunk behind the image": () => ({ silent: [], behind: [TIME] }),
  "a second header": ({ header }) => ({ silent: [chunk("IHDR", header)] }),
  "no header": ({ silent }) => ({ header: Buffer.alloc(0), silent }),
};

const MAY_STAY_PLAIN = ["another header", "a changed stream", "a small window"];

function changed(bytes: Buffer, random: RandomStream): Buffer {
  const at = random.integer(bytes.length);
  return Buffer.from(bytes.with(at, bytes[at]! ^ (1 << random.integer(8))));
}

/** Another check sum, which a zlib stream ends in. */
function withChangedEnd(stream: Buffer, random: RandomStream): Buffer {
  return Buffer.concat([stream.subarray(0, -4), changed(stream.subarray(-4), random)]);
}

test("each filter gives back the samples that were filtered", () => {
  const [width, height] = [9, 15];
  const random = new RandomStream(5, "samples");
  const samples = Array.from(random.bytes(width * height * CHANNELS));
  for (const filter of [0, 1, 2, 3, 4]) {
    const file = pngOf({ width, height, colourType: 2, bitDepth: 8, filter }, samples);
    assert.deepEqual(Array.from(decodePlainPng(file)!.data), samples, `filter ${filter}`);
  }
});

test("plain files have the codec's pixels; what is not plain or not sound is left to the codec", async (t) => {
  const folder = await temporaryFolder(t);
  const random = new RandomStream(6, "files");
  // The codec is asked through a path, which the reader of plain files never sees.
  const byCodec = async (bytes: Buffer) => {
    await writeFile(join(folder, "x.png"), bytes);
    return decodeImage(join(folder, "x.png"), "x.png");
  };
  for (let round = 0; round < 20; round++) {
    const parts = randomParts(random);
    const sound = fileOf(parts);
    const image = decodePlainPng(sound);
    assert.ok(image, "a plain file was not taken");
    const expected = await byCodec(sound);
    assert.deepEqual({ ...image, data: Buffer.from(image.data) }, { ...expected, data: Buffer.from(expected.data) });
    for (const [name, change] of Object.entries(CHANGES)) {
      const file = fileOf({ ...parts, ...change(parts, random) });
      const taken = decodePlainPng(file);
      // Some changes leave a plain file with other pixels; the codec must then agree.
      if (taken) assert.deepEqual(Buffer.from(taken.data), Buffer.from((await byCodec(file)).data), name);
      if (!MAY_STAY_PLAIN.includes(name)) assert.equal(taken, undefined, name);
    }
    assert.equal(decodePlainPng(changed(sound, random)), undefined, "a bit of the file changed");
    assert.equal(decodePlainPng(sound.subarray(0, random.integer(sound.length))), undefined, "cut");
    assert.equal(decodePlainPng(Buffer.concat([sound, Buffer.alloc(1)])), undefined, "bytes behind the end");
  }
});
