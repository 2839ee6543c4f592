/** The features of a patch's neighbourhood, by hand and by symmetry. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { fillFeatures, neighbourhoodFeatures, ringsOf } from "../../src/histology/neighbourhood.ts";
import { neighboursInGrid } from "../../src/histology/slide/grid.ts";
import { RandomStream } from "../../src/system/random.ts";

test("3 x 3 patches have 2 rings, 5 x 5 have 5, 7 x 7 have 9, and all neighbours are in one", () => {
  for (const [reach, rings] of [
    [1, 2],
    [2, 5],
    [3, 9],
  ] as const) {
    assert.equal(ringsOf(reach).length, rings);
    assert.equal(ringsOf(reach).flat().length, (2 * reach + 1) ** 2 - 1);
  }
});

test("by hand: a patch with a right and an upper left neighbour, one of another case, one without a place", () => {
  const places = [
    { caseId: "a", x: 101, y: 101 },
    { caseId: "a", x: 151, y: 101 },
    { caseId: "a", x: 51, y: 51 },
    { caseId: "b", x: 101, y: 151 },
    { caseId: "a", x: undefined, y: undefined },
  ];
  const rows = neighbourhoodFeatures(places, [1, 2, 20, 4, 5], { reach: 1, spacing: 50 });
  // Own logit; edges: sum / 4, share missing; corners: the same, the logit 20 held at 8.
  assert.deepEqual([...rows.subarray(0, 5)], [1, 0.5, 0.75, 2, 0.75]);
  assert.deepEqual([...rows.subarray(5, 10)], [2, 0.25, 0.75, 0, 1]);
  assert.deepEqual([...rows.subarray(15, 20)], [4, 0, 1, 0, 1]);
  assert.deepEqual([...rows.subarray(20)], [5, 0, 1, 0, 1]);
});

test("flipping and turning the slide changes nothing, nor does the order of the patches", () => {
  const random = new RandomStream(1, "places");
  const cells = Array.from({ length: 36 }, (_, index) => index).filter(() => random.uniform() < 0.7);
  const logits = cells.map(() => random.normal());
  const place = (cell: number, turn: (c: number, r: number) => [number, number]) => {
    const [column, row] = turn(cell % 6, Math.floor(cell / 6));
    return { caseId: "a", x: 1 + 50 * column, y: 1 + 50 * row };
  };
  const features = (turn: (c: number, r: number) => [number, number]) =>
    neighbourhoodFeatures(
      cells.map((cell) => place(cell, turn)),
      logits,
      { reach: 2, spacing: 50 },
    );
  const straight = features((c, r) => [c, r]);
  for (const turn of [
    (c: number, r: number): [number, number] => [5 - c, r],
    (c: number, r: number): [number, number] => [r, c],
    (c: number, r: number): [number, number] => [5 - r, c],
  ]) {
    features(turn).forEach((value, index) => {
      assert.ok(Math.abs(value - straight[index]!) < 1e-12);
    });
  }
  const width = 1 + 2 * 5;
  const reversed = neighbourhoodFeatures(
    cells.toReversed().map((cell) => place(cell, (c, r) => [c, r])),
    logits.toReversed(),
    { reach: 2, spacing: 50 },
  );
  assert.deepEqual(
    [...reversed.subarray(0, width)].map((value) => value.toFixed(9)),
    [...straight.subarray(-width)].map((value) => value.toFixed(9)),
  );
});

test("neighbours lie as far away as a patch is wide", () => {
  const places = [1, 97, 193].map((x) => ({ caseId: "a", x, y: 1 }));
  const own = (spacing: number) => [...neighbourhoodFeatures(places, [1, 2, 4], { reach: 1, spacing }).subarray(5, 10)];
  assert.deepEqual(own(96), [2, 1.25, 0.5, 0, 1]);
  assert.deepEqual(own(50), [2, 0, 1, 0, 1]);
});

test("in a dense grid with gaps, a cell has the very numbers of its patch in a list, whatever the stride", () => {
  const random = new RandomStream(2, "grid");
  for (const stride of [50, 25]) {
    const grid = { scale: 1, side: 50, stride, columns: 9, rows: 7, width: 450, height: 350 };
    const logits = Float32Array.from({ length: grid.columns * grid.rows }, () =>
      random.uniform() < 0.7 ? random.normal(0, 6) : Number.NaN,
    );
    const cells = [...logits.keys()].filter((cell) => !Number.isNaN(logits[cell]));
    const places = cells.map((cell) => ({
      caseId: "",
      x: (cell % grid.columns) * stride,
      y: Math.floor(cell / grid.columns) * stride,
    }));
    const listed = neighbourhoodFeatures(
      places,
      cells.map((cell) => logits[cell]!),
      { reach: 2, spacing: 50 },
    );
    const width = 1 + 2 * 5;
    const around = { rings: ringsOf(2), neighbourOf: neighboursInGrid(grid, logits) };
    const features = new Float64Array(width);
    assert.ok(cells.length > 20 && cells.length < logits.length);
    for (const [index, cell] of cells.entries()) {
      fillFeatures(cell, logits, around, features);
      assert.deepEqual(features, listed.subarray(index * width, (index + 1) * width));
    }
  }
});
