/** Strokes of the brush: the cells under them, and the entries that they make. */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import {
  type BrushTarget,
  cellsBetween,
  cornerOfCell,
  paintedCells,
  strokeEntries,
} from "../../../src/app/web/screens/slides/brush/stroke.ts";
import { gridOf } from "../../../src/histology/slide/grid.ts";
import { cornerOf } from "../../../src/histology/slide/patches.ts";

const slide = { levels: [{ width: 1000, height: 600 }] } as unknown as Parameters<typeof gridOf>[0];
const grid = gridOf(slide, { scale: 2, side: 50, stride: 50 });
const facts = { places: [[50, 0, 7]], cells: [[0, 0, "unsure"]] } as const;
const target: BrushTarget = { slide: "id", case: "A", grid, facts };

test("a stroke has every cell that it goes through, and none outside of the slide", () => {
  assert.deepEqual(cellsBetween(grid, { x: 10, y: 10 }, { x: 10, y: 10 }), [{ column: 0, row: 0 }]);
  assert.deepEqual(
    cellsBetween(grid, { x: 50, y: 50 }, { x: 350, y: 50 }).map(({ column }) => column),
    [0, 1, 2, 3],
  );
  assert.deepEqual(cellsBetween(grid, { x: -500, y: 50 }, { x: -100, y: 50 }), []);
  const place = fc.integer({ min: -200, max: 1200 });
  fc.assert(
    fc.property(place, place, place, place, (x, y, x2, y2) => {
      for (const { column, row } of cellsBetween(grid, { x, y }, { x: x2, y: y2 })) {
        assert.ok(column >= 0 && row >= 0 && column < grid.columns && row < grid.rows);
      }
    }),
  );
});

test("corners are those of the command slide", () => {
  for (const cell of [0, 3, 17, grid.columns * grid.rows - 1]) {
    const own = { column: cell % grid.columns, row: Math.floor(cell / grid.columns) };
    const { x, y } = cornerOf(grid, cell);
    assert.deepEqual(cornerOfCell(grid, own), [x, y]);
  }
});

test("patches that the dataset has are corrected there; the others are patches of the slide", () => {
  const cells = cellsBetween(grid, { x: 50, y: 50 }, { x: 250, y: 50 });
  assert.deepEqual(strokeEntries(cells, "positive", target), [
    { kind: "set", records: [7], label: "positive" },
    {
      ...{ kind: "slide", slide: "id", case: "A", scale: 2, side: 50 },
      ...{
        cells: [
          [0, 0],
          [100, 0],
        ],
        label: "positive",
      },
    },
  ]);
  assert.deepEqual(strokeEntries([{ column: 1, row: 0 }], null, target), [{ kind: "set", records: [7], label: null }]);
  assert.deepEqual(strokeEntries([], null, target), []);
  const painted = paintedCells(target, (record) => (record === 7 ? "exclude" : null));
  assert.deepEqual(
    [...painted],
    [
      ["0,0", "unsure"],
      ["1,0", "exclude"],
    ],
  );
});
