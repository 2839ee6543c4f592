import assert from "node:assert/strict";
import { join } from "node:path";
import test from "node:test";
import fc from "fast-check";
import { RECORD_BYTES, toRecord } from "../../src/histology/dataset/record.ts";
import { decodeImage, encodePng } from "../../src/histology/image/decode.ts";
import { bilinearResizer, resizeNearest } from "../../src/histology/image/resize.ts";
import { RandomStream } from "../../src/system/random.ts";
import { randomPng } from "../support/cohort.ts";
import { jsonOf, temporaryFolder, writeTree } from "../support/folder.ts";
import { pngOf, rgbPng } from "../support/png.ts";
import { refused } from "../support/refused.ts";

const golden = jsonOf(new URL("../../golden/values/resize.json", import.meta.url)) as {
  columns: { from: number; to: number; sources: number[] }[];
  pictures: { from: [number, number]; to: [number, number]; data: number[] }[];
  bilinear: { from: [number, number]; to: [number, number]; data: number[] }[];
};

test("nearest neighbour takes the pixels that Pillow takes", () => {
  assert.ok(golden.columns.length > 20 && golden.pictures.length === 3);
  for (const { from, to, sources } of golden.columns) {
    const data = new Uint8Array(from * 3).map((_, i) => Math.floor(i / 3));
    const wide = resizeNearest({ width: from, height: 1, data }, to, 1);
    assert.deepEqual(
      [...wide.data].filter((_, i) => i % 3 === 1),
      sources,
      `${from} to ${to} columns`,
    );
    const high = resizeNearest({ width: 1, height: from, data }, 1, to);
    assert.deepEqual(
      [...high.data].filter((_, i) => i % 3 === 2),
      sources,
      `${from} to ${to} rows`,
    );
  }
  for (const { from, to, data } of golden.pictures) {
    const [width, height] = from;
    const pixels = new Uint8Array(width * height * 3);
    for (let i = 0; i < width * height; i++) {
      const [x, y] = [i % width, Math.floor(i / width)];
      pixels.set([x, y, (x * y) % 256], 3 * i);
    }
    assert.deepEqual([...resizeNearest({ width, height, data: pixels }, ...to).data], data);
  }
});

const sizeOf = ([width, height]: readonly [number, number]) => ({ width, height });

function bilinear(data: Uint8Array, from: [number, number], to: [number, number]): Float32Array {
  const result = new Float32Array(to[0] * to[1] * 3);
  bilinearResizer(sizeOf(from), sizeOf(to))(data, result);
  return result;
}

test("bilinear resizing gives PyTorch's numbers", () => {
  assert.equal(golden.bilinear.length, 4);
  for (const { from, to, data } of golden.bilinear) {
    const pixels = new Uint8Array(from[0] * from[1] * 3);
    for (let i = 0; i < from[0] * from[1]; i++) {
      const [x, y] = [i % from[0], Math.floor(i / from[0])];
      pixels.set([(x * 37) % 256, (y * 61) % 256, (x * y) % 256], 3 * i);
    }
    const found = bilinear(pixels, from, to);
    assert.equal(found.length, data.length);
    for (const [i, value] of data.entries()) assert.ok(Math.abs(found[i]! - value) < 1e-4, `${from} to ${to}: ${i}`);
  }
});

test("bilinear resizing keeps what is flat, ramps, and the picture at its own size", () => {
  const data = new RandomStream(1, "picture").bytes(50 * 50 * 3);
  assert.deepEqual([...bilinear(data, [50, 50], [50, 50])], [...data]);
  assert.ok(bilinear(new Uint8Array(75).fill(7), [5, 5], [31, 9]).every((value) => value === 7));
  const ramp = Uint8Array.from({ length: 60 }, (_, i) => 10 * Math.floor(i / 3));
  const wide = bilinear(ramp, [20, 1], [40, 1]).filter((_, i) => i % 3 === 0);
  for (let i = 1; i < 39; i++) assert.ok(Math.abs(wide[i]! - (5 * i - 2.5)) < 1e-4, `pixel ${i}: ${wide[i]}`);
});

test("nearest neighbour in whole multiples repeats, and taking every k-th gives the picture back", () => {
  const sizes = fc.integer({ min: 1, max: 12 });
  fc.assert(
    fc.property(
      sizes,
      sizes,
      fc.integer({ min: 1, max: 5 }),
      fc.infiniteStream(fc.nat(255)),
      (width, height, k, bytes) => {
        const image = { width, height, data: Uint8Array.from(bytes.take(width * height * 3)) };
        const large = resizeNearest(image, width * k, height * k);
        assert.deepEqual(large.data.subarray(0, 3), image.data.subarray(0, 3));
        assert.deepEqual(resizeNearest(large, width, height).data, image.data);
      },
    ),
    { numRuns: 50 },
  );
  assert.throws(() => resizeNearest({ width: 2, height: 2, data: new Uint8Array(12) }, 0, 5), RangeError);
});

test("a record is 50 x 50 x 3 bytes, and a patch of that size is its own record", async () => {
  const whole = await decodeImage(randomPng("whole"), "whole.png");
  assert.deepEqual(toRecord(whole), whole.data);
  const strip = await decodeImage(
    rgbPng(1, 50, (i) => i),
    "strip.png",
  );
  const record = toRecord(strip);
  assert.equal(record.length, RECORD_BYTES);
  assert.deepEqual([...record.subarray(0, 6)], [0, 1, 2, 0, 1, 2]);
  assert.deepEqual([...record.subarray(49 * 150, 49 * 150 + 3)], [147, 148, 149]);
});

test("pixels of a hand-written PNG come out as they went in, and through our own PNG", async () => {
  const image = await decodeImage(
    rgbPng(7, 5, (i) => i * 37),
    "a.png",
  );
  assert.deepEqual([image.width, image.height], [7, 5]);
  assert.deepEqual(
    [...image.data],
    Array.from({ length: 105 }, (_, i) => (i * 37) & 255),
  );
  const png = await encodePng(image);
  assert.deepEqual(await decodeImage(png, "b.png"), image);
  assert.deepEqual(await encodePng(image), png);
});

test("grey, 16-bit and transparent pictures become 8-bit RGB", async () => {
  const decoded = async (colourType: 0 | 2 | 4 | 6, bitDepth: 8 | 16, samples: number[]): Promise<number[]> => {
    const { data } = await decodeImage(pngOf({ width: 2, height: 1, colourType, bitDepth }, samples), "x.png");
    return [...data];
  };
  assert.deepEqual(await decoded(0, 8, [9, 200]), [9, 9, 9, 200, 200, 200]);
  assert.deepEqual(await decoded(0, 16, [0x1234, 0xfeff]), [0x12, 0x12, 0x12, 0xfe, 0xfe, 0xfe]);
  assert.deepEqual(await decoded(2, 16, [0x0100, 0x80ff, 0xffff, 0, 255, 256]), [1, 128, 255, 0, 0, 1]);
  // Alpha 0 is white, 255 the colour itself, 51 (a fifth) is 255 - (255 - colour) / 5.
  assert.deepEqual(await decoded(6, 8, [10, 20, 30, 0, 10, 20, 30, 255]), [255, 255, 255, 10, 20, 30]);
  assert.deepEqual(await decoded(6, 8, [5, 105, 155, 51, 0, 0, 0, 51]), [205, 225, 235, 204, 204, 204]);
  assert.deepEqual(await decoded(4, 8, [10, 0, 10, 255]), [255, 255, 255, 10, 10, 10]);
});

test("a damaged, cut or foreign file is refused by name", async (t) => {
  const png = randomPng("damaged");
  const flipped = Buffer.from(png);
  flipped[png.length - 500]! ^= 1;
  const broken = [
    ["cut", png.subarray(0, png.length - 100), "image-damaged"],
    ["flipped", flipped, "image-damaged"],
    ["text", Buffer.from("hello"), "image-unsupported"],
    ["empty", Buffer.alloc(0), "image-damaged"],
  ] as const;
  for (const [name, bytes, code] of broken) {
    const place = `case/0/${name}.png`;
    await assert.rejects(decodeImage(bytes, place), refused(code, place));
  }
  const folder = await writeTree(await temporaryFolder(t), [["good.png", png]]);
  assert.equal((await decodeImage(join(folder, "good.png"), "good.png")).width, 50);
  await assert.rejects(decodeImage(join(folder, "none.png"), "none.png"), refused("file-missing", "none.png"));
});
