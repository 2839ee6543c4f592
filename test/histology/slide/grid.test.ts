/** The grid of patches, the tissue in them, and the patches cut out block by block, against what each means. */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { gridOf, nearestCell, squareStart } from "../../../src/histology/slide/grid.ts";
import { blocksOf, cornerOf, readBlock } from "../../../src/histology/slide/patches.ts";
import { findTissue, GLASS_FROM, tissueShares } from "../../../src/histology/slide/tissue.ts";
import { RandomStream } from "../../../src/system/random.ts";
import { runs } from "../../fuzz/runs.ts";
import { memorySlide } from "./support/memory_slide.ts";
import { cut } from "./support/pictures.ts";

const PATCH = 50;
const slideOf = (width: number, height: number) => ({ levels: [{ width, height, downsample: 1 }] as const });
const sizes = fc.integer({ min: 1, max: 700 });
const strides = fc.integer({ min: 1, max: 120 });
const sides = fc.integer({ min: 16, max: 200 });
const whole = { scale: 1, side: PATCH, stride: PATCH };

test("a slide of whole patches has a cell for each", () => {
  assert.deepEqual(gridOf(slideOf(3450, 2450), whole), {
    ...whole,
    columns: 69,
    rows: 49,
    width: 3450,
    height: 2450,
  });
  const { columns, rows } = gridOf(slideOf(3451, 49), whole);
  assert.deepEqual([columns, rows], [70, 1]);
  assert.deepEqual(gridOf(slideOf(27600, 19600), { ...whole, scale: 8 }).columns, 69);
  assert.equal(gridOf(slideOf(3450, 2450), { scale: 1, side: 96, stride: 96 }).columns, 36);
});

test("patches reach the slide's end, and one fewer would not", () => {
  fc.assert(
    fc.property(sizes, sides, strides, fc.double({ min: 0.2, max: 20, noNaN: true }), (width, side, stride, scale) => {
      const grid = gridOf(slideOf(width, 10), { scale, side, stride });
      const reach = (columns: number) => (columns - 1) * stride + side;
      assert.ok(reach(grid.columns) * scale >= width - 1e-3 * scale);
      if (grid.columns > 1) assert.ok(reach(grid.columns - 1) * scale < width);
    }),
    runs(300),
  );
});

test("each place belongs to the cell whose middle is nearest", () => {
  fc.assert(
    fc.property(
      fc.record({ side: sides, stride: strides }),
      fc.integer({ min: 1, max: 30 }),
      fc.double({ min: 0, max: 800, noNaN: true }),
      (steps, cells, place) => {
        const distance = (cell: number) => Math.abs(cell * steps.stride + steps.side / 2 - place);
        const found = nearestCell(place, steps, cells);
        for (let cell = 0; cell < cells; cell++) assert.ok(distance(found) <= distance(cell) + 1e-9);
        if (found > 0 && found < cells - 1) {
          assert.ok(place >= squareStart(found, steps) - 1e-9 && place <= squareStart(found + 1, steps) + 1e-9);
        }
      },
    ),
    runs(300),
  );
});

test("the share of tissue of each patch is that of its own pixels", async () => {
  const image = { width: 230, height: 170, data: new Uint8Array(230 * 170 * 3).fill(240) };
  const random = new RandomStream(5, "tissue");
  // Squares of ten pixels, the mask's own, so that the slow count below is exact.
  for (let y = 0; y < 170; y += 10) {
    for (let x = 0; x < 230; x += 10) {
      if (random.integer(3) > 0) continue;
      for (let row = y; row < y + 10; row++)
        image.data.fill(GLASS_FROM - 1, (row * 230 + x) * 3, (row * 230 + x + 10) * 3);
    }
  }
  const slide = memorySlide(image);
  const grid = gridOf(slide, { ...whole, stride: 30 });
  const shares = tissueShares(await findTissue(slide, grid), grid);
  assert.equal(shares.length, grid.columns * grid.rows);
  for (const [cell, share] of shares.entries()) {
    const patch = cut(image, { ...cornerOf(grid, cell), width: PATCH, height: PATCH });
    const dark = patch.data.filter((value, index) => index % 3 === 0 && value < GLASS_FROM).length;
    assert.ok(Math.abs(share - dark / PATCH ** 2) < 1e-6, `cell ${cell}: ${share}, counted ${dark / PATCH ** 2}`);
  }
});

test("the mask is as fine for a patch of another side: its pixel is a fifth of the patch", async () => {
  const slide = memorySlide({ width: 300, height: 300, data: new Uint8Array(300 * 300 * 3).fill(GLASS_FROM - 1) });
  for (const [side, pixel] of [
    [16, 3],
    [50, 10],
    [96, 19],
  ] as const) {
    const grid = gridOf(slide, { scale: 1, side, stride: side });
    const mask = await findTissue(slide, grid);
    assert.equal(mask.pixel, pixel);
    assert.equal(tissueShares(mask, grid)[grid.columns + 1], 1);
  }
});

test("glass is no tissue, and each stain is", async () => {
  for (const [colour, tissue] of [
    [[255, 255, 255], 0],
    [[243, 243, 243], 0],
    [[241, 238, 244], 0],
    [[235, 200, 225], 1],
    [[150, 110, 190], 1],
    [[20, 20, 20], 1],
  ] as const) {
    const data = Uint8Array.from({ length: 50 * 50 * 3 }, (_, index) => colour[index % 3]!);
    const slide = memorySlide({ width: 50, height: 50, data });
    const grid = gridOf(slide, whole);
    assert.equal(tissueShares(await findTissue(slide, grid), grid)[0], tissue, colour.join());
  }
});

test("every wanted cell is read once, and its record holds its own pixels", async () => {
  const image = { width: 333, height: 260, data: Uint8Array.from(new RandomStream(2, "slide").bytes(333 * 260 * 3)) };
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 7, max: 90 }),
      sides,
      fc.integer({ min: 1, max: 5 }),
      async (stride, side, every) => {
        const slide = memorySlide(image);
        const grid = gridOf(slide, { scale: 1, side, stride });
        const blocks = blocksOf(slide, grid, (cell) => cell % every === 0);
        const seen = blocks.flatMap((block) => [...block]).sort((a, b) => a - b);
        const wanted = Array.from({ length: grid.columns * grid.rows }, (_, cell) => cell).filter(
          (cell) => cell % every === 0,
        );
        assert.deepEqual(seen, wanted);
        for (const block of blocks) {
          const { cells, copy } = await readBlock(slide, grid, block);
          assert.deepEqual(cells, block);
          for (const [place, cell] of block.entries()) {
            const own = cut(image, { ...cornerOf(grid, cell), width: side, height: side });
            const record = new Uint8Array(own.data.length + 7);
            copy(place, record, 7);
            assert.deepEqual(record.subarray(7), own.data);
          }
        }
      },
    ),
    runs(12),
  );
});

test("a pyramid is read at the level of the scale", async () => {
  const slide = memorySlide({ width: 1600, height: 1600, data: new Uint8Array(1600 * 1600 * 3) }, { levels: 4 });
  const grid = gridOf(slide, { ...whole, scale: 8 });
  assert.equal(grid.columns, 4);
  await readBlock(slide, grid, blocksOf(slide, grid, () => true)[0]!);
  assert.deepEqual(slide.reads, [{ level: 3, region: { x: 0, y: 0, width: 200, height: 200 } }]);
});
