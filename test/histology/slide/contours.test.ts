/** Regions of cells and their outlines: examples drawn as text, and properties of any pattern of cells. */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { type CellRegion, type Ring, regionsOf, signedArea } from "../../../src/histology/slide/contours.ts";
import { runs } from "../../fuzz/runs.ts";

/** Regions of a picture of characters, where "#" belongs. */
function regionsIn(...lines: string[]): CellRegion[] {
  const text = lines.join("");
  return regionsOf(lines[0]!.length, lines.length, (cell) => text[cell] === "#");
}

test("a region is what touches by sides, the largest first", () => {
  const regions = regionsIn(
    "#..##",
    ".#.##", //
    ".....",
    "###..",
  );
  assert.deepEqual(
    regions.map(({ cells }) => cells),
    [[3, 4, 8, 9], [15, 16, 17], [0], [6]],
  );
});

test("an outline has a corner only where it turns, and goes around", () => {
  const [region] = regionsIn("###", "#..");
  assert.deepEqual(region!.rings, [
    [
      [0, 0],
      [3, 0],
      [3, 1],
      [1, 1],
      [1, 2],
      [0, 2],
      [0, 0],
    ],
  ]);
});

test("a hole is a ring of its own, the other way round", () => {
  const [region] = regionsIn(
    "#####",
    "#...#", //
    "#####",
  );
  assert.equal(region!.rings.length, 2);
  assert.deepEqual(region!.rings.map(signedArea), [15, -3]);
  assert.equal(region!.rings[1]!.length, 5);
});

test("holes that touch by a corner stay apart", () => {
  const [region] = regionsIn(
    "####",
    "#.##", //
    "##.#",
    "####",
  );
  assert.deepEqual(region!.rings.map(signedArea), [16, -1, -1]);
});

/** Whether the middle of a cell is inside, by the number of borders to its left (even-odd rule). */
function isInside(rings: readonly Ring[], column: number, row: number): boolean {
  let crossings = 0;
  for (const ring of rings) {
    for (let k = 0; k + 1 < ring.length; k++) {
      const [[x, y], [nextX, nextY]] = [ring[k]!, ring[k + 1]!];
      if (x === nextX && x <= column && Math.min(y, nextY) <= row && Math.max(y, nextY) > row) crossings++;
    }
  }
  return crossings % 2 === 1;
}

test("any pattern: regions part its cells, outlines are closed, and hold just their cells", () => {
  const patterns = fc.record({
    columns: fc.integer({ min: 1, max: 9 }),
    cells: fc.array(fc.boolean(), { minLength: 9, maxLength: 72 }),
  });
  fc.assert(
    fc.property(patterns, ({ columns, cells }) => {
      const rows = Math.floor(cells.length / columns);
      const regions = regionsOf(columns, rows, (cell) => cells[cell]!);
      const all = regions.flatMap((region) => region.cells).sort((a, b) => a - b);
      assert.deepEqual(
        all,
        [...Array(columns * rows).keys()].filter((cell) => cells[cell]),
      );
      for (const { cells: own, rings } of regions) {
        const area = rings.map(signedArea);
        assert.ok(area[0]! > 0 && area.slice(1).every((hole) => hole < 0));
        assert.equal(
          area.reduce((sum, part) => sum + part, 0),
          own.length,
        );
        for (const ring of rings) {
          assert.deepEqual(ring[0], ring.at(-1));
          assert.equal(new Set(ring.map(String)).size, ring.length - 1);
          assert.ok(ring.every(([x, y], k) => k === 0 || (x === ring[k - 1]![0]) !== (y === ring[k - 1]![1])));
        }
        for (let cell = 0; cell < columns * rows; cell++) {
          assert.equal(isInside(rings, cell % columns, Math.floor(cell / columns)), own.includes(cell));
        }
      }
    }),
    runs(300),
  );
});
