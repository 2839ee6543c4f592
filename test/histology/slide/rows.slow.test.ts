/** Strips without compression of any size: rows in parts, planes apart, gaps, and damage. */

import assert from "node:assert/strict";
import { closeSync, openSync, writeFileSync, writeSync } from "node:fs";
import { test } from "node:test";
import { openSlide } from "../../../src/histology/slide/open.ts";
import { useFolder } from "../../support/folder.ts";
import { refused } from "../../support/refused.ts";
import { cut, smoothPicture } from "./support/pictures.ts";
import { type Directory, type Tag, tiffFile } from "./support/tiff_file.ts";

const at = useFolder("rows");
const path = at("slide.tif");

const [WIDTH, HEIGHT] = [2100, 300];
const PICTURE = smoothPicture(WIDTH, HEIGHT);

interface Plan {
  readonly rowsPerStrip?: number;
  readonly apart?: boolean;
  readonly without?: readonly number[];
  readonly cut?: number;
}

function strips({ rowsPerStrip = HEIGHT, apart = false, without = [], cut: missing = 0 }: Plan): Directory {
  const long = (tag: number, ...values: number[]): Tag => ({ tag, type: "long", values });
  const whole = apart ? [0, 1, 2].map((sample) => PICTURE.data.filter((_, i) => i % 3 === sample)) : [PICTURE.data];
  const blocks = whole.flatMap((plane) => {
    const bytes = (plane.length / HEIGHT) * rowsPerStrip;
    return Array.from({ length: Math.ceil(HEIGHT / rowsPerStrip) }, (_, i) =>
      Buffer.from(plane.subarray(i * bytes, (i + 1) * bytes - missing)),
    );
  });
  return {
    tags: [
      ...[long(256, WIDTH), long(257, HEIGHT), { tag: 258, type: "short", values: [8, 8, 8] } as Tag],
      ...[long(259, 1), long(262, 2), long(277, 3), long(278, rowsPerStrip), long(284, apart ? 2 : 1)],
    ],
    data: { blocks: blocks.map((block, i) => (without.includes(i) ? undefined : block)), places: 273, lengths: 279 },
  };
}

const REGIONS = [
  { x: 0, y: 0, width: WIDTH, height: HEIGHT },
  { x: 2040, y: 100, width: 100, height: 60 },
  { x: -5, y: 250, width: 30, height: 90 },
];

for (const apart of [false, true]) {
  for (const rowsPerStrip of [1, 7, 128, 250, HEIGHT, 2 ** 32 - 1]) {
    test(`${Math.min(rowsPerStrip, HEIGHT)} rows a strip${apart ? ", planes apart" : ""}`, async () => {
      const directory = strips({ rowsPerStrip: Math.min(rowsPerStrip, HEIGHT), apart });
      const tags = directory.tags.map((tag) => (tag.tag === 278 ? { ...tag, values: [rowsPerStrip] } : tag));
      writeFileSync(path, tiffFile([{ ...directory, tags }]));
      const slide = await openSlide(path);
      for (const region of REGIONS) assert.deepEqual(await slide.readRegion(0, region), cut(PICTURE, region));
      await slide.close();
    });
  }
}

test("strips that are left out are white, in all planes", async () => {
  writeFileSync(path, tiffFile([strips({ rowsPerStrip: 100, apart: true, without: [1, 3] })]));
  const slide = await openSlide(path);
  const { data } = await slide.readRegion(0, REGIONS[0]!);
  const expected = PICTURE.data.slice().fill(255, 0, 200 * WIDTH * 3);
  assert.deepEqual(Buffer.compare(data, expected), 0);
  assert.equal(slide.isBlank(0, { x: 0, y: 0, width: WIDTH, height: 128 }), true);
  await slide.close();
});

test("a strip that is shorter than its rows is refused when the slide is opened", async () => {
  writeFileSync(path, tiffFile([strips({ rowsPerStrip: 100, cut: 1 })]));
  await assert.rejects(openSlide(path), refused("slide-damaged", "629,999 bytes"));
});

test("one strip of 3 gigapixels is read in parts", async (t) => {
  const [width, height] = [60_000, 50_000];
  const { tags } = strips({});
  const own = tags.map((tag) => ({
    ...tag,
    values: tag.tag === 256 ? [width] : [257, 278].includes(tag.tag) ? [height] : tag.values,
  }));
  const start = 4096;
  const places: Tag[] = [
    { tag: 273, type: "long8", values: [start] },
    { tag: 279, type: "long8", values: [width * height * 3] },
  ];
  const header = tiffFile([{ tags: [...own, ...places] }], { big: true });
  // Written with holes: what is not written is zero, black.
  const file = openSync(path, "w");
  try {
    writeSync(file, header, 0, header.length, 0);
    const at = (x: number, y: number) => start + (y * width + x) * 3;
    writeSync(file, Buffer.from([1, 2, 3]), 0, 3, at(59_999, 49_999));
    writeSync(file, Buffer.from([4, 5, 6]), 0, 3, at(30_000, 25_000));
  } catch (error) {
    return t.skip(`this file system keeps no file of 9 GB with holes: ${error}`);
  } finally {
    closeSync(file);
  }
  const slide = await openSlide(path);
  const pixel = async (x: number, y: number) => [...(await slide.readRegion(0, { x, y, width: 1, height: 1 })).data];
  assert.deepEqual(await pixel(59_999, 49_999), [1, 2, 3]);
  assert.deepEqual(await pixel(30_000, 25_000), [4, 5, 6]);
  assert.deepEqual(await pixel(0, 0), [0, 0, 0]);
  await slide.close();
});
