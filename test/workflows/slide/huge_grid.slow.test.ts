/** Memory has a bound that hardly knows the grid's size: a slide of 300,000 x 60,000 pixels, 7.2 million cells, scored by a process of its own. */
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { test } from "node:test";
import { fromCsv } from "../../../src/util/csv.ts";
import { smoothPicture } from "../../histology/slide/support/pictures.ts";
import { tiffFile, tiledPicture } from "../../histology/slide/support/tiff_file.ts";
import { program } from "../../support/command.ts";
import { jsonOf, temporaryFolder } from "../../support/folder.ts";

/** The model and Node take some 250 of them. */
const MOST_MEGABYTES = 650;
const [WIDTH, HEIGHT, TILE] = [300_000, 60_000, 256];
/** Tiles with tissue, by columns and rows; the others are left out of the file, and white. */
const TISSUE = { left: 500, right: 520, top: 100, bottom: 110 };

/** A patch, and a pixel of the tissue mask of a slide as large as this, in pixels. */
const MARGIN = 50 + 74;

/** A slide of which a small part is tissue: a few megabytes. */
function hugeSlide(): Buffer {
  const [across, down] = [Math.ceil(WIDTH / TILE), Math.ceil(HEIGHT / TILE)];
  const dark = Buffer.from(smoothPicture(TILE, TILE).data.map((value) => value / 2));
  const tiles = Array.from({ length: across * down }, (_, place) => {
    const [column, row] = [place % across, Math.floor(place / across)];
    const isTissue = column >= TISSUE.left && column < TISSUE.right && row >= TISSUE.top && row < TISSUE.bottom;
    return isTissue ? dark : undefined;
  });
  return tiffFile([tiledPicture({ width: WIDTH, height: HEIGHT, tile: TILE, tiles })]);
}

test(`7.2 million cells take less than ${MOST_MEGABYTES} MB, and the rows of the table are those of the tissue`, async (t) => {
  const folder = await temporaryFolder(t);
  writeFileSync(join(folder, "huge.tif"), hugeSlide());
  const line = "slide idc huge.tif --scale 1 --out out --threads 2";
  const { status, stderr, output } = program(line, {
    flags: ["--import", resolve("test/hostile/peak_memory.ts")],
    cwd: folder,
    stdio: ["ignore", "pipe", "pipe", "pipe"],
  });
  assert.equal(status, 0, stderr);
  const megabytes = Number(output[3]);
  t.diagnostic(`${megabytes} MB at most`);
  const { grid, findings } = jsonOf(join(folder, "out", "slide.json"));
  assert.equal(grid.columns * grid.rows, 7_200_000);
  const table = readFileSync(join(folder, "out", "probabilities.csv"), "utf8");
  const rows = fromCsv(table, ["minx", "miny"], "probabilities.csv").map(({ minx, miny }) => [
    Number(minx),
    Number(miny),
  ]) as [number, number][];
  assert.equal(rows.length, findings.patches.scored);
  const tissueTiles = (TISSUE.right - TISSUE.left) * (TISSUE.bottom - TISSUE.top);
  assert.ok(rows.length > (tissueTiles * TILE ** 2) / 50 ** 2);
  // Row by row from the top, each from the left; all of them touch tissue.
  const order = rows.map(([x, y]) => y * WIDTH + x);
  assert.deepEqual(
    order,
    order.toSorted((a, b) => a - b),
  );
  for (const [x, y] of rows) {
    assert.ok(x > TISSUE.left * TILE - MARGIN && x < TISSUE.right * TILE + MARGIN, `${x}, ${y}`);
    assert.ok(y > TISSUE.top * TILE - MARGIN && y < TISSUE.bottom * TILE + MARGIN, `${x}, ${y}`);
  }
  assert.ok(megabytes > 50 && megabytes < MOST_MEGABYTES, `${megabytes} MB`);
});
