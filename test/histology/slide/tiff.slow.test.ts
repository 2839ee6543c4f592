/** TIFF slides with known pixels, written by libvips through sharp and tag by tag: compressions, pyramids, edges, what is left out. */

import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { after, test } from "node:test";
import { deflateSync } from "node:zlib";
import sharp, { type TiffOptions } from "sharp";
import type { RgbImage } from "../../../src/histology/image/rgb.ts";
import { openSlide } from "../../../src/histology/slide/open.ts";
import type { Slide } from "../../../src/histology/slide/slide.ts";
import { useFolder } from "../../support/folder.ts";
import { refused } from "../../support/refused.ts";
import { cut, everyNth, smoothPicture, tilesOf, worst } from "./support/pictures.ts";
import { type Tag, text, tiffFile, tiledPicture } from "./support/tiff_file.ts";

const at = useFolder("slide");
const open: Slide[] = [];
after(async () => {
  for (const slide of open) await slide.close();
});

const WIDTH = 333;
const HEIGHT = 250;
const PICTURE = smoothPicture(WIDTH, HEIGHT);
const WHOLE = { x: 0, y: 0, width: WIDTH, height: HEIGHT };
const raw = sharp(PICTURE.data, { raw: { width: WIDTH, height: HEIGHT, channels: 3 } });

async function opened(bytes: Buffer | Promise<Buffer>): Promise<Slide> {
  // No name of a picture: the content alone tells what it is.
  const path = at(`${open.length}.dat`);
  writeFileSync(path, await bytes);
  const slide = await openSlide(path);
  open.push(slide);
  return slide;
}

const REGIONS = [
  WHOLE,
  { x: 63, y: 64, width: 2, height: 129 },
  { x: 300, y: 200, width: 60, height: 70 },
  { x: -10, y: -20, width: 30, height: 30 },
  { x: 1000, y: 0, width: 5, height: 5 },
  { x: -5, y: -5, width: WIDTH + 10, height: HEIGHT + 10 },
];

async function assertRegions(slide: Slide, level: number, picture: RgbImage): Promise<void> {
  const found = await Promise.all(REGIONS.map((region) => slide.readRegion(level, region)));
  REGIONS.forEach((region, i) => {
    const expected = cut(picture, region);
    assert.deepEqual([found[i]!.width, found[i]!.height], [region.width, region.height]);
    assert.ok(Buffer.compare(found[i]!.data, expected.data) === 0, `level ${level}, ${JSON.stringify(region)}`);
  });
}

const LOSSLESS: Record<string, TiffOptions> = {
  "tiles, deflate": { compression: "deflate", tile: true, tileWidth: 64, tileHeight: 64 },
  "tiles, deflate, predictor": {
    compression: "deflate",
    predictor: "horizontal",
    tile: true,
    tileWidth: 64,
    tileHeight: 48,
  },
  "tiles, LZW": { compression: "lzw", tile: true, tileWidth: 128, tileHeight: 64 },
  "tiles, none": { compression: "none", tile: true, tileWidth: 64, tileHeight: 64 },
  "tiles, PackBits": { compression: "packbits", tile: true, tileWidth: 64, tileHeight: 64 },
  "tiles, BigTIFF": { compression: "deflate", bigtiff: true, tile: true, tileWidth: 64, tileHeight: 64 },
  "strips, none": { compression: "none" },
  "strips, LZW": { compression: "lzw", predictor: "horizontal" },
};

for (const [name, options] of Object.entries(LOSSLESS)) {
  test(`${name}: regions have the very pixels, and white beyond`, async () => {
    const slide = await opened(raw.clone().tiff(options).toBuffer());
    assert.equal(slide.format, "TIFF");
    assert.deepEqual(slide.levels, [{ width: WIDTH, height: HEIGHT, downsample: 1 }]);
    await assertRegions(slide, 0, PICTURE);
  });
}

test("JPEG in tiles and in strips, and WebP, show what libvips shows of them", async () => {
  const kinds: TiffOptions[] = [
    { compression: "jpeg", quality: 60, tile: true, tileWidth: 64, tileHeight: 64 },
    { compression: "jpeg", quality: 95, tile: true, tileWidth: 128, tileHeight: 96 },
    { compression: "jpeg", quality: 80 },
    { compression: "webp", quality: 80, tile: true, tileWidth: 64, tileHeight: 64 },
  ];
  for (const kind of kinds) {
    const bytes = await raw.clone().tiff(kind).toBuffer();
    const data = await sharp(bytes).raw().toBuffer();
    const slide = await opened(bytes);
    await assertRegions(slide, 0, { width: WIDTH, height: HEIGHT, data });
    // Tiles at the edges are filled up with black, which the codecs blur into the picture.
    const inside = { x: 0, y: 0, width: 256, height: 192 };
    assert.ok(worst(await slide.readRegion(0, inside), cut(PICTURE, inside)) < 32, "and that is near the picture");
  }
});

test("a pyramid's levels are found, the largest first, with their own pixels", async () => {
  const bytes = await raw
    .clone()
    .tiff({ compression: "deflate", tile: true, tileWidth: 64, tileHeight: 64, pyramid: true })
    .toBuffer();
  const slide = await opened(bytes);
  const pages = await Promise.all(
    [0, 1, 2, 3].map((page) => sharp(bytes, { page }).raw().toBuffer({ resolveWithObject: true })),
  );
  const sizes = pages.map(({ info: { width, height } }) => ({ width, height, downsample: WIDTH / width }));
  assert.deepEqual(slide.levels, sizes);
  assert.deepEqual(
    sizes.map(({ width }) => width),
    [333, 166, 83, 41],
  );
  for (const [level, { data, info }] of pages.entries()) await assertRegions(slide, level, { ...info, data });
});

const TILES = tilesOf(PICTURE, 64).map((tile) => deflateSync(tile));
const plain = { width: WIDTH, height: HEIGHT, tile: 64, tiles: TILES, compression: 8 };

test("either byte order, TIFF and BigTIFF", async () => {
  for (const littleEndian of [true, false]) {
    for (const big of [true, false]) {
      const slide = await opened(tiffFile([tiledPicture(plain)], { littleEndian, big }));
      await assertRegions(slide, 0, PICTURE);
    }
  }
});

test("sub-directories are levels; masks, pictures of another shape and full-sized others are none", async () => {
  const half = everyNth(PICTURE, 2);
  const smaller = (image: RgbImage, more: readonly Tag[] = []) =>
    tiledPicture({ ...image, tile: 64, tiles: tilesOf(image, 64), reduced: true, more });
  const quarter = everyNth(PICTURE, 4);
  const mask: Tag = { tag: 254, type: "long", values: [5] };
  const label = smoothPicture(100, 120);
  const slide = await opened(
    tiffFile([
      tiledPicture({ ...plain, sub: [smaller(half)] }),
      tiledPicture(plain),
      smaller(label),
      smaller(half, [mask]),
      smaller(quarter),
    ]),
  );
  assert.deepEqual(slide.levels, [
    { width: 333, height: 250, downsample: 1 },
    { width: 166, height: 125, downsample: 333 / 166 },
    { width: 83, height: 62, downsample: 333 / 83 },
  ]);
  await assertRegions(slide, 1, half);
  await assertRegions(slide, 2, quarter);
});

test("tiles that are left out are white, and so is every place of a slide without tiles", async () => {
  const tiles = TILES.map((tile, i) => (i % 2 === 0 ? tile : undefined));
  const slide = await opened(tiffFile([tiledPicture({ ...plain, tiles })]));
  const expected: RgbImage = { ...PICTURE, data: PICTURE.data.slice() };
  for (let y = 0; y < HEIGHT; y++) {
    for (let x = 0; x < WIDTH; x++) {
      const tile = Math.floor(y / 64) * 6 + Math.floor(x / 64);
      if (tile % 2 === 1) expected.data.fill(255, (y * WIDTH + x) * 3, (y * WIDTH + x) * 3 + 3);
    }
  }
  await assertRegions(slide, 0, expected);
  const none = await opened(tiffFile([tiledPicture({ ...plain, tiles: TILES.map(() => undefined) })]));
  assert.ok((await none.readRegion(0, WHOLE)).data.every((value) => value === 255));
});

test("planes apart, grey either way, transparency on white", async () => {
  const planes = [0, 1, 2].flatMap((sample) =>
    tilesOf(PICTURE, 64).map((tile) => deflateSync(tile.filter((_, i) => i % 3 === sample))),
  );
  const apart: Tag = { tag: 284, type: "short", values: [2] };
  await assertRegions(await opened(tiffFile([tiledPicture({ ...plain, tiles: planes, more: [apart] })])), 0, PICTURE);

  const red = PICTURE.data.filter((_, i) => i % 3 === 0);
  const grey = { ...PICTURE, data: Uint8Array.from(PICTURE.data, (_, i) => red[Math.floor(i / 3)]!) };
  const reds = planes.slice(0, TILES.length);
  const dark = { ...plain, tiles: reds, samples: 1, photometric: 1 };
  await assertRegions(await opened(tiffFile([tiledPicture(dark)])), 0, grey);
  const light = { ...grey, data: grey.data.map((value) => 255 - value) };
  await assertRegions(await opened(tiffFile([tiledPicture({ ...dark, photometric: 0 })])), 0, light);

  const clear = tilesOf(PICTURE, 64).map((tile) => {
    const rgba = Buffer.alloc((tile.length / 3) * 4);
    for (let i = 0; i < tile.length / 3; i++)
      rgba.set([...tile.subarray(3 * i, 3 * i + 3), i % 2 === 0 ? 255 : 0], 4 * i);
    return deflateSync(rgba);
  });
  const alpha: Tag = { tag: 338, type: "short", values: [2] };
  const slide = await opened(tiffFile([tiledPicture({ ...plain, tiles: clear, samples: 4, more: [alpha] })]));
  const [first, second] = [0, 1].map((x) => slide.readRegion(0, { x, y: 0, width: 1, height: 1 }));
  assert.deepEqual((await first!).data, PICTURE.data.slice(0, 3));
  assert.deepEqual([...(await second!).data], [255, 255, 255]);
});

test("files that a plain reader would show wrongly are named and refused", async () => {
  const xml = (tag: number, value: string): Tag => ({ tag, type: "byte", values: Buffer.from(value) });
  const foreign: Record<string, Tag> = {
    "Leica SCN": text(270, '<?xml version="1.0"?><scn xmlns="http://www.leica-microsystems.com/scn/2030/01/01">'),
    "Philips TIFF": text(305, "Philips DP v9.0"),
    "Hamamatsu NDPI": { tag: 65420, type: "long", values: [1] },
    "Zeiss LSM": { tag: 34412, type: "byte", values: Buffer.alloc(100, 1) },
  };
  for (const [name, tag] of Object.entries(foreign)) {
    const bytes = tiffFile([tiledPicture({ ...plain, more: [tag] })]);
    await assert.rejects(
      opened(bytes),
      refused("slide-unsupported", new RegExp(`${name} slide, which is not read: (convert|export)`)),
    );
  }
  const akoya = text(270, '<?xml version="1.0"?><PerkinElmer-QPI-ImageDescription><Name>DAPI</Name>');
  const reds = tilesOf(PICTURE, 64).map((tile) => deflateSync(tile.filter((_, i) => i % 3 === 0)));
  const one = tiledPicture({ ...plain, tiles: reds, samples: 1, photometric: 1, more: [akoya] });
  await assert.rejects(opened(tiffFile([one])), refused("slide-unsupported", /Akoya QPTIFF of fluorescence slide/));
  await opened(tiffFile([tiledPicture({ ...plain, more: [akoya] })]));
  await opened(tiffFile([tiledPicture({ ...plain, more: [text(305, "GraphicsMagick"), xml(700, "<x:xmpmeta>")] })]));
});

test("resolution tags state microns only in absolute units and where a microscope's pixel can be so wide", async () => {
  const tags = (unit: number | undefined, x: readonly number[], y = x): Tag[] => [
    { tag: 282, type: "rational", values: x },
    { tag: 283, type: "rational", values: y },
    ...(unit === undefined ? [] : [{ tag: 296, type: "short" as const, values: [unit] }]),
  ];
  const microns = async (more: Tag[]) => (await opened(tiffFile([tiledPicture({ ...plain, more })]))).micronsPerPixel;
  assert.equal(await microns(tags(3, [40_000, 1])), 0.25);
  assert.equal(await microns(tags(2, [101_600, 2])), 0.5);
  assert.equal(await microns(tags(undefined, [50_800, 1])), 0.5, "inches where no unit is stated");
  assert.equal(await microns(tags(1, [40_000, 1])), undefined, "no unit");
  assert.equal(await microns(tags(2, [72, 1])), undefined, "a screen");
  assert.equal(await microns(tags(3, [2834, 100])), undefined, "a screen");
  assert.equal(await microns(tags(2, [1200, 1])), undefined, "a printer");
  assert.equal(await microns(tags(3, [40_000, 1], [20_000, 1])), undefined, "pixels that are not square");
  assert.equal(await microns(tags(3, [40_000, 0])), undefined);
  assert.equal(await microns([]), undefined);
});

test("only tiles that a region touches are decoded", async () => {
  const tiles = TILES.map((tile, i) => (i === 7 ? tile : Buffer.from("damaged")));
  const slide = await opened(tiffFile([tiledPicture({ ...plain, tiles })]));
  const inside = { x: 64, y: 64, width: 64, height: 64 };
  assert.deepEqual(await slide.readRegion(0, inside), cut(PICTURE, inside));
  await assert.rejects(slide.readRegion(0, { ...inside, width: 65 }), refused("slide-damaged", "Tile (2, 1)"));
  assert.deepEqual(await slide.readRegion(0, inside), cut(PICTURE, inside), "and again, after an error");
});

test("a level that is not there, and regions that are none, are mistakes of the caller", async () => {
  const slide = await opened(tiffFile([tiledPicture(plain)]));
  await assert.rejects(slide.readRegion(1, WHOLE), RangeError);
  await assert.rejects(slide.readRegion(0, { ...WHOLE, x: 0.5 }), RangeError);
  await assert.rejects(slide.readRegion(0, { ...WHOLE, width: 0 }), RangeError);
});
