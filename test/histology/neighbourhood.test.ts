/** The features of a patch's neighbourhood, by hand and by symmetry. */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  featureCount,
  featuresAlone,
  featuresFrom,
  LARGEST_REACH,
  neighbourhoodFeatures,
  neighboursByPlace,
  squaresOf,
} from "../../src/histology/neighbourhood.ts";
import { squaresInGrid } from "../../src/histology/slide/grid.ts";
import { RandomStream } from "../../src/system/random.ts";

test("the squares double up to the reach", () => {
  const squares = Array.from({ length: LARGEST_REACH }, (_, index) => squaresOf(index + 1));
  assert.deepEqual(squares.slice(0, 6), [[1], [1, 2], [1, 2, 3], [1, 2, 4], [1, 2, 4, 5], [1, 2, 4, 6]]);
  assert.deepEqual(squares.at(-1), [1, 2, 4, 8, 16]);
  for (const [index, one] of squares.entries()) assert.equal(featureCount(index + 1), 2 + one.length);
});

test("by hand: a patch with neighbours one and two away, one of another case, one without a place", () => {
  const places = [
    { caseId: "a", x: 101, y: 101 },
    { caseId: "a", x: 151, y: 101 },
    { caseId: "a", x: 1, y: 51 },
    { caseId: "b", x: 101, y: 151 },
    { caseId: "a", x: undefined, y: undefined },
  ];
  const rows = neighbourhoodFeatures(places, [1, 2, 20, 4, 5], { reach: 2, spacing: 50 });
  // Own logit; by the number of neighbours and one; 3 x 3: sum by number and one; 5 x 5: the same, the logit 20 held at 8.
  assert.deepEqual([...rows.subarray(0, 4)], [1, 1 / 3, 2 / 2, 10 / 3]);
  assert.deepEqual([...rows.subarray(4, 8)], [2, 2 / 2, 1 / 2, 1 / 2]);
  assert.deepEqual([...rows.subarray(8, 12)], [20, 20 / 2, 0, 1 / 2]);
  assert.deepEqual([...rows.subarray(12, 16)], featuresAlone(4, 2));
  assert.deepEqual([...rows.subarray(16)], [5, 5, 0, 0]);
});

test("patches in one place are no neighbours, count once for others, and cost no time beyond their number", () => {
  const places = [1, 1, 51].map((x) => ({ caseId: "a", x, y: 1 }));
  const rows = neighbourhoodFeatures(places, [1, 2, 4], { reach: 1, spacing: 50 });
  assert.deepEqual([...rows], [1, 1 / 2, 2, 2, 2 / 2, 2, 4, 4 / 2, 1]);
  const many = Array.from({ length: 100_000 }, () => ({ caseId: "a", x: 7, y: 7 }));
  const logits = new Float32Array(many.length).fill(3);
  const features = neighbourhoodFeatures(many, logits, { reach: LARGEST_REACH, spacing: 50 });
  assert.ok(features.every((value, place) => value === (place % featureCount(LARGEST_REACH) < 2 ? 3 : 0)));
});

test("positions on either side of 0 and at the edges of tiles have the neighbours that a slow search finds", () => {
  const random = new RandomStream(3, "far");
  const places = Array.from({ length: 400 }, (_, index) => ({
    caseId: `${index % 2}`,
    x: 50 * Math.floor(random.uniform(-20, 20)) + (index % 3 === 0 ? 25 : 0),
    y: 50 * Math.floor(random.uniform(-20, 20)),
  }));
  for (const reach of [1, 3, 8]) {
    const visitNeighbours = neighboursByPlace(places, { reach, spacing: 50 });
    for (const [index, own] of places.entries()) {
      const found: string[] = [];
      visitNeighbours(index, (other, distance) => {
        const { caseId, x, y } = places[other]!;
        assert.equal(caseId, own.caseId);
        assert.equal(Math.max(Math.abs(x - own.x), Math.abs(y - own.y)), 50 * distance);
        found.push(`${x},${y}`);
      });
      const expected = new Set(
        places.flatMap(({ caseId, x, y }) => {
          const [right, down] = [(x - own.x) / 50, (y - own.y) / 50];
          const distance = Math.max(Math.abs(right), Math.abs(down));
          const isNear = Number.isInteger(right) && Number.isInteger(down) && distance > 0 && distance <= reach;
          return caseId === own.caseId && isNear ? [`${x},${y}`] : [];
        }),
      );
      assert.deepEqual(found.toSorted(), [...expected].toSorted());
    }
  }
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
    assert.deepEqual(features(turn), straight);
  }
  const width = featureCount(2);
  const reversed = neighbourhoodFeatures(
    cells.toReversed().map((cell) => place(cell, (c, r) => [c, r])),
    logits.toReversed(),
    { reach: 2, spacing: 50 },
  );
  assert.deepEqual(reversed.subarray(0, width), straight.subarray(-width));
});

test("neighbours lie as far away as a patch is wide", () => {
  const places = [1, 97, 193].map((x) => ({ caseId: "a", x, y: 1 }));
  const own = (spacing: number) => [...neighbourhoodFeatures(places, [1, 2, 4], { reach: 1, spacing }).subarray(3, 6)];
  assert.deepEqual(own(96), [2, 2 / 3, 5 / 3]);
  assert.deepEqual(own(50), featuresAlone(2, 1));
});

test("in a dense grid with gaps, a cell has the very numbers of its patch in a list, whatever the stride", () => {
  const random = new RandomStream(2, "grid");
  for (const [stride, reach] of [
    [50, 2],
    [25, 2],
    [10, 1],
    [50, 8],
  ] as const) {
    const grid = { side: 50, stride, columns: 19, rows: 150 };
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
      { reach, spacing: 50 },
    );
    const width = featureCount(reach);
    const fill = featuresFrom(logits, reach, squaresInGrid(grid, logits, reach));
    const features = new Float64Array(width);
    assert.ok(cells.length > 20 && cells.length < logits.length);
    for (const [index, cell] of cells.entries()) {
      fill(cell, features);
      assert.deepEqual(features, listed.subarray(index * width, (index + 1) * width));
    }
  }
});
