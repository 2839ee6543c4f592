/** Tiles that a slide's file leaves out, as the verb "slide" reports them: a warning, slide.json and the page. */

import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { test } from "node:test";
import { slideOptions } from "../../../src/options/slide.ts";
import { slide } from "../../../src/workflows/slide.ts";
import { everyNth, tilesOf } from "../../histology/slide/support/pictures.ts";
import { tiffFile, tiledPicture } from "../../histology/slide/support/tiff_file.ts";
import { context, recorder } from "../../support/cohort.ts";
import { jsonOf, useFolder } from "../../support/folder.ts";
import { drawSlide } from "./scored.ts";

const at = useFolder("left out");
const TILE = 64;
const DRAWN = drawSlide();

/** The drawn slide and a level of half its size, without tiles of these places. */
function slideWithout(full: readonly number[], half: readonly number[]): Buffer {
  const level = (image: typeof DRAWN | ReturnType<typeof everyNth>, without: readonly number[], reduced: boolean) => {
    const tiles = tilesOf(image, TILE).map((tile, place) => (without.includes(place) ? undefined : tile));
    return tiledPicture({ width: image.width, height: image.height, tile: TILE, tiles, reduced });
  };
  return tiffFile([level(DRAWN, full, false), level(everyNth(DRAWN, 2), half, true)]);
}

async function scored(name: string, bytes: Buffer, scale: number) {
  const path = at(`${name}.tif`);
  writeFileSync(path, bytes);
  const { reporter, warnings } = recorder();
  const options = slideOptions.parse({
    model: "cancernet",
    slides: [path],
    out: at(name),
    scale,
    threads: 1,
  });
  const [outcome] = (await slide(options, { ...context, reporter })).outcomes;
  const page = readFileSync(at(name, "slide.html"), "utf8");
  const json = jsonOf(at(name, "slide.json"));
  assert.deepEqual(json, JSON.parse(JSON.stringify(outcome!.report)));
  return { warnings, page, tiles: json.slide.tiles, patches: json.findings.patches.scored as number };
}

test("a whole slide has nothing to say", async () => {
  const { warnings, page, tiles } = await scored("whole", slideWithout([], []), 2);
  assert.deepEqual(warnings, []);
  assert.deepEqual(tiles, { in_level: 12, filled: 0, absent: 0 });
  assert.doesNotMatch(page, /leaves out/);
});

test("what is filled and what is white in the level that is read is counted, and the filled tissue is scored", async () => {
  const { patches } = await scored("whole again", slideWithout([], []), 2);
  const filled = await scored("filled", slideWithout([], [0, 6]), 2);
  assert.deepEqual(filled.tiles, { in_level: 12, filled: 2, absent: 0 });
  assert.equal(filled.patches, patches);
  assert.match(
    filled.warnings[0]!,
    /leaves out 2 of the 12 tiles of level 1, which is read: 2 are filled .* 0 are white/,
  );
  assert.match(filled.page, /leaves out 2 of the 12 tiles of level 1/);
  const white = await scored("white", slideWithout([0, 1, 3], []), 1);
  assert.deepEqual(white.tiles, { in_level: 48, filled: 0, absent: 3 });
  assert.match(
    white.warnings[0]!,
    /leaves out 3 of the 48 tiles of level 0, which is read: 0 are filled .* 3 are white/,
  );
  assert.match(white.page, /3 are white, as no level has them/);
});
