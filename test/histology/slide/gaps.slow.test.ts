/** Tiles that a file leaves out: filled from finer levels, white if none has them, counted, and not read. */
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { after, test } from "node:test";
import { openSlide } from "../../../src/histology/slide/open.ts";
import { readScaled } from "../../../src/histology/slide/resample.ts";
import type { Slide } from "../../../src/histology/slide/slide.ts";
import { useFolder } from "../../support/folder.ts";
import { cut, smoothPicture, tilesOf, worst } from "./support/pictures.ts";
import { type Directory, tiffFile, tiledPicture } from "./support/tiff_file.ts";

const at = useFolder("gaps");
const open: Slide[] = [];
after(async () => {
  for (const slide of open) await slide.close();
});

async function opened(directories: readonly Directory[]): Promise<Slide> {
  const path = at(`${open.length}.svs`);
  writeFileSync(path, tiffFile(directories));
  const slide = await openSlide(path);
  open.push(slide);
  return slide;
}

const [WIDTH, HEIGHT, TILE] = [256, 192, 32];
const PICTURE = smoothPicture(WIDTH, HEIGHT);

/** A level of the picture, whose pixels are means of those of level 0, without the tiles of these places. */
async function level(factor: number, left: readonly number[], description?: string): Promise<Directory> {
  const whole = open[0] ?? (await opened([tiledPicture({ ...PICTURE, tile: TILE, tiles: tilesOf(PICTURE, TILE) })]));
  const [width, height] = [WIDTH / factor, HEIGHT / factor];
  const image = await readScaled(whole, factor, { x: 0, y: 0, width, height });
  const tiles = tilesOf(image, TILE).map((tile, place) => (left.includes(place) ? undefined : tile));
  const more = description === undefined ? {} : { description };
  return tiledPicture({ width, height, tile: TILE, tiles, reduced: factor > 1, ...more });
}

for (const [format, description] of [["Aperio SVS", "Aperio Image|MPP = 0.25"], ["TIFF"]] as const) {
  test(`${format}: a level's gaps are filled from the finer level, and from the one before it`, async () => {
    const slide = await opened([await level(1, [], description), await level(2, [0, 1, 5, 6]), await level(4, [0, 3])]);
    assert.equal(slide.format, format);
    assert.deepEqual([0, 1, 2].map(slide.gapsOf), [
      { tiles: 48, filled: 0, absent: 0 },
      { tiles: 12, filled: 4, absent: 0 },
      { tiles: 4, filled: 2, absent: 0 },
    ]);
    const whole = await opened([await level(1, [], description), await level(2, []), await level(4, [])]);
    for (const [index, width, height] of [
      [1, 128, 96],
      [2, 64, 48],
    ] as const) {
      const region = { x: -3, y: -3, width: width + 7, height: height + 9 };
      const [found, expected] = [await slide.readRegion(index, region), await whole.readRegion(index, region)];
      // Means of means that were rounded differ from means by one.
      assert.ok(worst(found, expected) <= 1, `level ${index}`);
      const part = { x: 11, y: 17, width: 30, height: 25 };
      assert.deepEqual(
        await slide.readRegion(index, part),
        cut(await slide.readRegion(index, { x: 0, y: 0, width, height }), part),
      );
    }
  });
}

test("what no level has is white and counted, and known to be blank without reading", async () => {
  const absent = [0, 1, 8, 9, 47];
  const slide = await opened([await level(1, absent), await level(2, [0, 11])]);
  assert.deepEqual(slide.gapsOf(0), { tiles: 48, filled: 0, absent: 5 });
  assert.deepEqual(slide.gapsOf(1), { tiles: 12, filled: 1, absent: 1 });
  const blank = { x: 0, y: 0, width: 64, height: 64 };
  assert.equal(slide.isBlank(0, blank), true);
  assert.equal(slide.isBlank(0, { ...blank, width: 65 }), false);
  assert.equal(slide.isBlank(1, { x: 0, y: 0, width: 32, height: 32 }), true);
  assert.equal(slide.isBlank(1, { x: 96, y: 64, width: 32, height: 32 }), false);
  assert.equal(slide.isBlank(0, { x: -50, y: 0, width: 50, height: 10 }), true, "beyond the edge");
  assert.ok((await slide.readRegion(0, blank)).data.every((value) => value === 255));
  assert.ok((await slide.readRegion(1, { x: 0, y: 0, width: 32, height: 32 })).data.every((value) => value === 255));
  const filled = (await slide.readRegion(1, { x: 96, y: 64, width: 32, height: 32 })).data;
  assert.ok(
    filled.slice(0, 16 * 3).every((value, i) => i < 3 || value < 255),
    "its other three quarters are there",
  );
});

test("a slide of tiles that are left out costs next to nothing, whatever its size", async () => {
  const [width, height] = [300_000, 60_000];
  const tiles = Array.from({ length: Math.ceil(width / 256) * Math.ceil(height / 256) }, () => undefined);
  const slide = await opened([tiledPicture({ width, height, tile: 256, tiles })]);
  const whole = { x: 0, y: 0, width: width / 100, height: height / 100 };
  const image = await readScaled(slide, 100, whole);
  assert.ok(image.data.every((value) => value === 255));
  assert.deepEqual(slide.gapsOf(0), { tiles: 275_420, filled: 0, absent: 275_420 });
});
