/** Tiles that a slide's file leaves out, as the verb "slide" reports them: a warning, slide.json and the page. */
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { slideOptions } from "../../../src/options/slide.ts";
import { silent } from "../../../src/util/reporter.ts";
import { slide } from "../../../src/workflows/slide.ts";
import { everyNth, tilesOf } from "../../histology/slide/support/pictures.ts";
import { tiffFile, tiledPicture } from "../../histology/slide/support/tiff_file.ts";
import { drawSlide } from "./scored.ts";

const folder = mkdtempSync(join(tmpdir(), "cancernet left out "));
after(() => rmSync(folder, { recursive: true, force: true }));

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
  const path = join(folder, `${name}.tif`);
  writeFileSync(path, bytes);
  const warnings: string[] = [];
  const reporter = { ...silent, warn: (text: string) => void warnings.push(text) };
  const options = slideOptions.parse({
    model: "cancernet",
    slides: [path],
    out: join(folder, name),
    scale,
    threads: 1,
  });
  const [outcome] = (await slide(options, { reporter, signal: new AbortController().signal })).outcomes;
  const page = readFileSync(join(folder, name, "slide.html"), "utf8");
  const json = JSON.parse(readFileSync(join(folder, name, "slide.json"), "utf8"));
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
