/** An NDPI slide beyond 4 GB, in a sparse file, and NDPI slides that are refused or damaged. */

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { closeSync, openSync, rmSync, writeFileSync, writeSync } from "node:fs";
import { test } from "node:test";
import type { Region } from "../../../src/histology/image/region.ts";
import { openSlide } from "../../../src/histology/slide/open.ts";
import { readGolden } from "../../golden/reference.ts";
import { useFolder } from "../../support/folder.ts";
import { type Refusal, refused } from "../../support/refused.ts";

interface Reference {
  readonly slides: readonly {
    readonly name: string;
    readonly levels: readonly { readonly regions: readonly (Region & { readonly sha256: string })[] }[];
    readonly file: string;
  }[];
}

const at = useFolder("ndpi");
const slideOf = (name: string) => readGolden<Reference>("scanners").slides.find((slide) => slide.name === name)!;
const fileOf = (name: string) => Buffer.from(slideOf(name).file, "base64");

const FOUR_GIGABYTES = 2n ** 32n;
const STRIP_OFFSETS = 273;
const VALUE_BYTES: Readonly<Record<number, number>> = { 2: 1, 3: 2, 5: 8 };

/** All but the first twelve bytes lie 2^32 bytes further on; see golden/scanners.py. */
function writeBeyond4Gigabytes(file: Buffer, path: string): void {
  const out = Buffer.from(file);
  for (let link = 4; ; ) {
    const place = Number(out.readBigUInt64LE(link));
    if (place === 0) break;
    out.writeBigUInt64LE(BigInt(place) + FOUR_GIGABYTES, link);
    const count = out.readUInt16LE(place);
    link = place + 2 + 12 * count;
    for (let i = 0; i < count; i++) {
      const at = place + 2 + 12 * i;
      const bytes = out.readUInt32LE(at + 4) * (VALUE_BYTES[out.readUInt16LE(at + 2)] ?? 4);
      out.writeUInt32LE(bytes > 4 || out.readUInt16LE(at) === STRIP_OFFSETS ? 1 : 0, link + 8 + 4 * i);
    }
  }
  const handle = openSync(path, "w");
  writeSync(handle, out, 0, 12, 0);
  writeSync(handle, out, 12, out.length - 12, 2 ** 32 + 12);
  closeSync(handle);
}

test("a slide beyond 4 GB has the pixels of the same slide before it", async () => {
  const { levels } = slideOf("Hamamatsu NDPI 4:2:2");
  const path = at("large.ndpi");
  writeBeyond4Gigabytes(fileOf("Hamamatsu NDPI 4:2:2"), path);
  const slide = await openSlide(path);
  assert.equal(slide.format, "Hamamatsu NDPI");
  for (const [index, { regions }] of levels.entries()) {
    for (const { sha256, ...region } of regions) {
      const { data } = await slide.readRegion(index, region);
      assert.equal(
        createHash("sha256").update(data).digest("hex"),
        sha256,
        `level ${index}, ${JSON.stringify(region)}`,
      );
    }
  }
  await slide.close();
  rmSync(path);
});

/** The first level of a file with its pieces over and over, so that it is higher than a JPEG can state, as golden/scanners.py makes it. */
function higherThanJpeg(name: string, times: number): Buffer {
  const file = fileOf(name);
  const start = file.indexOf(Buffer.from([0xff, 0xd8, 0xff]));
  const end = file.indexOf(Buffer.from([0xff, 0xd9]), start);
  const scan = file.indexOf(Buffer.from([0xff, 0xda]), start);
  const begin = scan + 2 + file.readUInt16BE(scan + 2);
  const pieces: Buffer[] = [];
  for (let from = begin, at = begin; at <= end; at++) {
    const isMark = file[at] === 0xff && ((file[at + 1]! & 0xf8) === 0xd0 || at === end);
    if (!isMark) continue;
    pieces.push(file.subarray(from, at));
    from = at + 2;
  }
  const header = Buffer.from(file.subarray(start, begin));
  header.writeUInt16BE(0, header.indexOf(Buffer.from([0xff, 0xc0])) + 5);
  const all = Array.from({ length: times }, () => pieces).flat();
  const parts = all.flatMap((piece, i) => [i === 0 ? header : Buffer.from([0xff, 0xd0 + ((i - 1) % 8)]), piece]);
  const stream = Buffer.concat([...parts, Buffer.from([0xff, 0xd9])]);
  return ndpiFile(stream, { width: 64, height: 608 * times });
}

/** A file of one directory that names no places of pieces: they are looked for. */
function ndpiFile(stream: Buffer, { width, height }: { width: number; height: number }): Buffer {
  const lens = Buffer.alloc(4);
  lens.writeFloatLE(20);
  const tags: [tag: number, type: number, value: number][] = [
    [256, 4, width],
    [257, 4, height],
    [259, 3, 7],
    [273, 4, 12],
    [278, 4, height],
    [279, 4, stream.length],
    [65420, 4, 1],
    [65421, 11, lens.readUInt32LE()],
  ];
  const directory = Buffer.alloc(2 + 12 * tags.length + 8 + 4 * tags.length);
  directory.writeUInt16LE(tags.length);
  for (const [i, [tag, type, value]] of tags.entries()) {
    directory.writeUInt16LE(tag, 2 + 12 * i);
    directory.writeUInt16LE(type, 4 + 12 * i);
    directory.writeUInt32LE(1, 6 + 12 * i);
    directory.writeUInt32LE(value, 10 + 12 * i);
  }
  const head = Buffer.alloc(12);
  head.write("II*\0", "latin1");
  head.writeBigUInt64LE(BigInt(12 + stream.length), 4);
  return Buffer.concat([head, stream, directory]);
}

test("a level that is higher than a JPEG can state is read by its pieces", async () => {
  const name = "Hamamatsu NDPI, tall";
  const [small, high] = [at("small.ndpi"), at("high.ndpi")];
  writeFileSync(small, fileOf(name));
  writeFileSync(high, higherThanJpeg(name, 110));
  const [one, many] = [await openSlide(small), await openSlide(high)];
  assert.deepEqual(many.levels, [{ width: 64, height: 66_880, downsample: 1 }]);
  const whole = (await one.readRegion(0, { x: 0, y: 0, width: 64, height: 608 })).data;
  for (const time of [0, 54, 107, 109]) {
    const found = await many.readRegion(0, { x: 0, y: 608 * time, width: 64, height: 608 });
    assert.deepEqual(found.data, whole, `${time}`);
  }
  await one.close();
  await many.close();
});

/** Reads all of level 0 of a changed file. */
async function readChanged(change: (file: Buffer) => void, name = "Hamamatsu NDPI 4:2:2"): Promise<void> {
  const file = fileOf(name);
  change(file);
  const path = at("changed.ndpi");
  writeFileSync(path, file);
  const slide = await openSlide(path);
  const [{ width, height }] = slide.levels;
  await slide.readRegion(0, { x: 0, y: 0, width, height }).finally(() => slide.close());
}

/** The first JPEG stream's frame header, and what is written into it. */
const frameAt = (file: Buffer) => file.indexOf(Buffer.from([0xff, 0xc0]));

test("what is not read of NDPI, and what is damaged, is refused by name", async () => {
  const refuses = (change: (file: Buffer) => void, refusal: Refusal) => assert.rejects(readChanged(change), refusal);
  await refuses(
    (file) => {
      file[frameAt(file) + 11] = 0x22;
    },
    refused(
      "slide-unsupported",
      /Hamamatsu NDPI slide .*its chroma has half the rows of its luma, which is not read.*: export/,
    ),
  );
  await refuses(
    (file) => {
      file[frameAt(file) + 1] = 0xc2;
    },
    refused("slide-unsupported", /Hamamatsu NDPI slide .*a level is not a baseline JPEG/),
  );
  await refuses(
    (file) => {
      file.writeUInt16BE(200, frameAt(file) + 7);
    },
    refused("slide-unsupported", /a level of 192 x 64 pixels is a JPEG of 200 x 64/),
  );
  await refuses(
    (file) => {
      const marks = file.indexOf(Buffer.from([0xff, 0xdd, 0, 4]));
      file.writeUInt16BE(5, marks + 4);
    },
    refused("slide-unsupported", /its restart markers do not divide its rows evenly/),
  );
  await refuses(
    (file) => {
      const mark = file.indexOf(Buffer.from([0xff, 0xd3]));
      file[mark + 1] = 0xd5;
    },
    refused(
      "slide-damaged",
      /Tile \(\d, 0\) of 192 x 64 pixels .* is damaged \(its piece \d ends with no mark|follows no mark/,
    ),
  );
});
