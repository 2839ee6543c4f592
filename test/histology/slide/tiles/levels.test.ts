/** The pyramid of tiles: sizes, edges, places that do not exist, and which slides need an overview. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { overviewLevels, pyramidOf, regionOfTile } from "../../../../src/histology/slide/tiles/levels.ts";
import { refused } from "../../../support/refused.ts";

test("each level has half the size of the next one, rounded up; the last one is the slide, the first one a pixel", () => {
  const levels = pyramidOf({ width: 1000, height: 300 });
  assert.equal(levels.length, 11);
  assert.deepEqual(levels[10], { width: 1000, height: 300, scale: 1 });
  assert.deepEqual(levels[9], { width: 500, height: 150, scale: 2 });
  assert.deepEqual(levels[7], { width: 125, height: 38, scale: 8 });
  assert.deepEqual(levels[0], { width: 1, height: 1, scale: 1024 });
  assert.deepEqual(pyramidOf({ width: 1, height: 1 }), [{ width: 1, height: 1, scale: 1 }]);
});

test("the tiles of a level cover it once, and end at its edges", () => {
  const levels = pyramidOf({ width: 1000, height: 300 });
  assert.deepEqual(regionOfTile(levels, { z: 10, x: 0, y: 0 }), { x: 0, y: 0, width: 256, height: 256 });
  assert.deepEqual(regionOfTile(levels, { z: 10, x: 3, y: 1 }), { x: 768, y: 256, width: 232, height: 44 });
});

test("a tile that does not exist is refused", async () => {
  const levels = pyramidOf({ width: 1000, height: 300 });
  for (const [z, x, y] of [
    [11, 0, 0],
    [-1, 0, 0],
    [10, 4, 0],
    [10, 0, 2],
    [10, -1, 0],
    [10, 0.5, 0],
    [10, Number.NaN, 0],
    [1.5, 0, 0],
  ] as const) {
    await assert.rejects(async () => regionOfTile(levels, { z, x, y }), refused("tile-missing", /There is no tile/));
  }
});

test("only a slide whose coarse tiles would need many pixels needs an overview", () => {
  const needed = (...sides: number[]) => {
    const levels = sides.map((side) => ({ width: side, height: side, downsample: sides[0]! / side }));
    return overviewLevels({ levels: levels as never }, pyramidOf(levels[0]!));
  };
  assert.equal(needed(2048), 0);
  assert.equal(needed(16_384, 4096, 1024), 0);
  assert.equal(needed(16_383, 4095, 1023), 0);
  // Of 16,384 pixels (level 14), tiles are read from the slide down to a quarter (level 12).
  assert.equal(needed(16_384), 12);
  // Of 65,536 pixels (level 16) with a level of a quarter (14), down to a sixteenth (12).
  assert.equal(needed(65_536, 16_384), 12);
});
