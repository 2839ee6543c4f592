/** Slides written by libvips through sharp, with known pixels: every compression, pyramids, strips, regions at and beyond the edges. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import sharp, { type TiffOptions } from "sharp";
import { openSlide } from "../../../src/histology/slide/open.ts";
import { cut, smoothPicture } from "./support/pictures.ts";

const folder = mkdtempSync(join(tmpdir(), "cancernet slide "));
after(() => rmSync(folder, { recursive: true, force: true }));

const WIDTH = 333;
const HEIGHT = 250;
const PICTURE = smoothPicture(WIDTH, HEIGHT);
const raw = sharp(PICTURE.data, { raw: { width: WIDTH, height: HEIGHT, channels: 3 } });

async function written(name: string, bytes: Promise<Buffer>): Promise<string> {
  const path = join(folder, name);
  writeFileSync(path, await bytes);
  return path;
}

const REGIONS = [
  { x: 0, y: 0, width: WIDTH, height: HEIGHT },
  { x: 63, y: 64, width: 2, height: 129 },
  { x: 300, y: 200, width: 60, height: 70 },
  { x: -10, y: -20, width: 30, height: 30 },
  { x: 1000, y: 0, width: 5, height: 5 },
  { x: -5, y: -5, width: WIDTH + 10, height: HEIGHT + 10 },
];

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
    const slide = await openSlide(await written(`${name}.dat`, raw.clone().tiff(options).toBuffer()));
    assert.equal(slide.format, "TIFF");
    assert.deepEqual(slide.levels, [{ width: WIDTH, height: HEIGHT, downsample: 1 }]);
    for (const region of REGIONS) assert.deepEqual(await slide.readRegion(0, region), cut(PICTURE, region));
    await slide.close();
  });
}
