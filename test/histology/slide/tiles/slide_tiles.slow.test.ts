/** Tiles of real slides against the regions that they show, and of slides that need an overview. */
import assert from "node:assert/strict";
import {
  cpSync,
  existsSync,
  readdirSync,
  readFileSync,
  statSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { decodeImage } from "../../../../src/histology/image/decode.ts";
import type { RgbImage } from "../../../../src/histology/image/rgb.ts";
import { openSlide } from "../../../../src/histology/slide/open.ts";
import { readScaled } from "../../../../src/histology/slide/resample.ts";
import type { TilePlace } from "../../../../src/histology/slide/tiles/levels.ts";
import { encodeTile } from "../../../../src/histology/slide/tiles/render.ts";
import { SlideTiles, type TiledSlideFacts } from "../../../../src/histology/slide/tiles/slide_tiles.ts";
import { temporaryFolder } from "../../../support/folder.ts";
import { refused } from "../../../support/refused.ts";
import { damagedSlide, flatSlide } from "./support/flat.ts";

const data = process.env.IDC_DATA && join(process.env.IDC_DATA, "slides");
const SLIDES = ["8917.png", "9023.tif", "CMU-1-Small-Region.svs", "tcga-cr-7395-01a-01-ts1.svs", "boxes.tiff"];

/** Mean differences in grey levels: of a picture to itself as JPEG, and of two pictures after it. */
const MOST_OF_JPEG = 8;
const MOST_DIFFERENCE = 2.5;
/** In a tile of a few pixels, JPEG alone differs more. */
const FEW_PIXELS = 10_000;

const signal = new AbortController().signal;

function difference(one: RgbImage, other: RgbImage): number {
  assert.deepEqual([one.width, one.height], [other.width, other.height]);
  return one.data.reduce((sum, value, at) => sum + Math.abs(value - other.data[at]!), 0) / one.data.length;
}

/** The first and the last tile of each level, and one in between. */
function somePlaces({ levels }: TiledSlideFacts): TilePlace[] {
  return levels.flatMap(({ width, height }, z) => {
    const [x, y] = [Math.ceil(width / 256) - 1, Math.ceil(height / 256) - 1];
    return [...new Set([0, 0.5, 1])].map((part) => ({ z, x: Math.round(x * part), y: Math.round(y * part) }));
  });
}

async function requireEqualTiles(tiles: SlideTiles, path: string): Promise<void> {
  const facts = await tiles.facts(path);
  const slide = await openSlide(path);
  for (const { z, x, y } of somePlaces(facts)) {
    const tile = await decodeImage(await tiles.tile(path, { z, x, y }, signal), `tile ${z}/${x}/${y}`);
    const level = facts.levels[z]!;
    const region = { x: x * 256, y: y * 256, width: tile.width, height: tile.height };
    assert.equal(tile.width, Math.min(256, level.width - region.x));
    assert.equal(tile.height, Math.min(256, level.height - region.y));
    const wanted = await readScaled(slide, level.scale, region);
    const asJpeg = await decodeImage(await encodeTile(wanted), "the wanted tile");
    const [found, ofJpeg] = [difference(tile, asJpeg), difference(tile, wanted)];
    assert.ok(found <= MOST_DIFFERENCE, `tile ${z}/${x}/${y} differs by ${found}`);
    if (tile.width * tile.height >= FEW_PIXELS) {
      assert.ok(ofJpeg <= MOST_OF_JPEG, `tile ${z}/${x}/${y} differs by ${ofJpeg} from its pixels`);
    }
  }
  await slide.close();
}

async function tilesIn(t: TestContext): Promise<{ tiles: SlideTiles; folder: string }> {
  const folder = await temporaryFolder(t);
  const tiles = new SlideTiles({ folder: join(folder, "overviews") });
  t.after(() => tiles.close());
  return { tiles, folder };
}

for (const file of SLIDES) {
  test(`${file}: tiles are the slide's regions`, async (t) => {
    if (!data) return t.skip("IDC_DATA is not set");
    if (!existsSync(join(data, file))) return t.skip(`IDC_DATA has no slides/${file}`);
    const { tiles } = await tilesIn(t);
    await requireEqualTiles(tiles, join(data, file));
  });
}

test("a flat slide: coarse tiles come from the overview, which is made once and kept", async (t) => {
  const { tiles, folder } = await tilesIn(t);
  const path = join(folder, "flat.tif");
  writeFileSync(path, flatSlide(4000, 3000));
  const { levels, overviewLevels } = await tiles.facts(path);
  assert.equal(levels.length, 13);
  assert.equal(overviewLevels, 10);
  assert.deepEqual(await tiles.overview(path), { state: "absent" });
  const coarse = { z: 9, x: 0, y: 0 };
  await assert.rejects(tiles.tile(path, coarse, signal), refused("overview-pending", /wait until it is/));
  assert.equal((await tiles.startOverview(path)).state, "making");
  assert.deepEqual(await tiles.waitForOverview(path), { state: "ready" });
  await requireEqualTiles(tiles, path);
  const again = new SlideTiles({ folder: join(folder, "overviews") });
  assert.deepEqual(await again.overview(path), { state: "ready" });
  assert.deepEqual(await again.tile(path, coarse, signal), await tiles.tile(path, coarse, signal));
  await again.close();
});

test("a slide that was replaced by another of the same size and time is not shown with the old overview", async (t) => {
  const { tiles, folder } = await tilesIn(t);
  const path = join(folder, "flat.tif");
  writeFileSync(path, flatSlide(4000, 3000));
  await tiles.startOverview(path);
  await tiles.waitForOverview(path);
  const { atime, mtime, size } = statSync(path);
  const before = await tiles.tile(path, { z: 12, x: 2, y: 2 }, signal);
  const other = flatSlide(4000, 3000, 31);
  assert.equal(other.length, size);
  writeFileSync(path, other);
  utimesSync(path, atime, mtime);
  assert.deepEqual(await tiles.overview(path), { state: "absent" });
  assert.notDeepEqual(await tiles.tile(path, { z: 12, x: 2, y: 2 }, signal), before);
  await tiles.startOverview(path);
  await tiles.waitForOverview(path);
  await requireEqualTiles(tiles, path);
});

test("a damaged overview is refused and made again", async (t) => {
  const { tiles, folder } = await tilesIn(t);
  const path = join(folder, "flat.tif");
  writeFileSync(path, flatSlide(4000, 3000));
  await tiles.startOverview(path);
  await tiles.waitForOverview(path);
  const [name] = readdirSync(join(folder, "overviews"));
  const file = join(folder, "overviews", name!);
  const bytes = readFileSync(file);
  bytes[100]! ^= 255;
  writeFileSync(file, bytes);
  const places = somePlaces(await tiles.facts(path)).filter(({ z }) => z < 10);
  const ends = await Promise.allSettled(places.map((place) => tiles.tile(path, place, signal)));
  assert.ok(ends.some((end) => end.status === "rejected" && end.reason.code === "overview-damaged"));
  assert.deepEqual(await tiles.overview(path), { state: "absent" });
  await tiles.startOverview(path);
  await tiles.waitForOverview(path);
  await requireEqualTiles(tiles, path);
  truncateSync(file, 5000);
  const again = new SlideTiles({ folder: join(folder, "overviews") });
  assert.deepEqual(await again.overview(path), { state: "absent" });
  await again.close();
});

test("closing ends the making of an overview, and leaves no file", async (t) => {
  const { tiles, folder } = await tilesIn(t);
  const path = join(folder, "flat.tif");
  writeFileSync(path, flatSlide(16_000, 16_000));
  await tiles.startOverview(path);
  while ((await tiles.overview(path)).state === "making") {
    const now = await tiles.overview(path);
    if (now.state === "making" && now.share > 0.1) break;
    await new Promise((go) => setTimeout(go, 5));
  }
  await tiles.close();
  assert.deepEqual(readdirSync(join(folder, "overviews")), []);
});

test("a damaged slide is refused, and so is its overview", async (t) => {
  const { tiles, folder } = await tilesIn(t);
  const path = join(folder, "flat.tif");
  writeFileSync(path, damagedSlide(4000, 3000));
  const state = await tiles.startOverview(path).then(() => tiles.waitForOverview(path));
  assert.equal(state.state, "failed");
  assert.match("message" in state ? state.message : "", /damaged/);
  const last = { z: 12, x: 15, y: 11 };
  await assert.rejects(tiles.tile(path, last, signal), refused("slide-damaged", /restore/));
  await assert.rejects(tiles.facts(join(folder, "none.tif")), refused("slide-missing", /check the path/));
  if (data) {
    cpSync(join(data, "broken.svs"), join(folder, "broken.svs"));
    await assert.rejects(tiles.facts(join(folder, "broken.svs")), refused("slide-unsupported", /convert it/));
  }
});
