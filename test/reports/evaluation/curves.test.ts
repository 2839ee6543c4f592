/** Thinned curves stay where the whole curve is; histograms hold every patch. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { auroc, precisionRecallCurve, rocCurve } from "../../../src/metrics/discrimination.ts";
import { tallyOf } from "../../../src/metrics/tally.ts";
import type { Point } from "../../../src/reports/charts/point.ts";
import { precisionRecallPoints, rocPoints, scoreBins, thinned } from "../../../src/reports/evaluation/curves.ts";
import { RandomStream } from "../../../src/system/random.ts";

const stream = new RandomStream(5, "curves");
const labels = Array.from({ length: 5000 }, (_, i) => Number(i % 4 === 0));
const probabilities = labels.map((label) => 1 / (1 + Math.exp(-stream.normal(label === 1 ? 1.5 : -1.5, 1.5))));
const tally = tallyOf(labels, probabilities);

test("an ROC curve of 5,001 points becomes a few hundred; ends stay, and no point of it is further off than 0.001", () => {
  const whole = rocCurve(tally)!;
  const points = rocPoints(tally);
  assert.equal(whole.truePositiveRate.length, 5001);
  assert.ok(points.length < 400, `${points.length}`);
  assert.deepEqual(
    [points[0], points.at(-1)],
    [
      [0, 0],
      [1, 1],
    ],
  );
  whole.falsePositiveRate.forEach((x, i) => {
    const y = whole.truePositiveRate[i]!;
    const nearest = Math.min(...points.slice(1).map((to, j) => distance([x, y], points[j]!, to)));
    assert.ok(nearest <= 0.001 + 1e-12, `point ${i}: ${nearest}`);
  });
  const area = points.slice(1).reduce((sum, [x, y], i) => sum + ((x - points[i]![0]) * (y + points[i]![1])) / 2, 0);
  assert.ok(Math.abs(area - auroc(tally)!) < 0.001, `${area}`);
});

test("a precision-recall curve keeps its ends", () => {
  const whole = precisionRecallCurve(tally)!;
  const points = precisionRecallPoints(tally);
  assert.ok(points.length < 1000, `${points.length}`);
  assert.deepEqual(points[0], [1, whole.precision[0]]);
  assert.deepEqual(points.at(-1), [0, 1]);
});

test("corners stay, points on a line go", () => {
  const corner: Point[] = [
    [0, 0],
    [0, 0.5],
    [0, 1],
    [0.5, 1],
    [1, 1],
  ];
  assert.deepEqual(thinned(corner), [corner[0], corner[2], corner[4]]);
  assert.deepEqual(thinned([]), []);
  assert.deepEqual(thinned([[0, 1]]), [[0, 1]]);
});

test("without a class there is no curve", () => {
  assert.deepEqual(rocPoints(tallyOf([1], [0.5])), []);
  assert.deepEqual(precisionRecallPoints(tallyOf([0], [0.5])), []);
});

test("score bins hold every patch once, 1 in the last", () => {
  const bins = scoreBins(tally);
  assert.equal(
    bins.reduce((sum, bin) => sum + bin.idc, 0),
    1250,
  );
  assert.equal(
    bins.reduce((sum, bin) => sum + bin.no_idc, 0),
    3750,
  );
  const ends = scoreBins(tallyOf([1, 0, 0], [1, 0, 0.5]), 4);
  assert.deepEqual(
    ends.map(({ idc, no_idc }) => [idc, no_idc]),
    [
      [0, 1],
      [0, 0],
      [0, 1],
      [1, 0],
    ],
  );
});

function distance([x, y]: Point, [x0, y0]: Point, [x1, y1]: Point): number {
  const squared = (x1 - x0) ** 2 + (y1 - y0) ** 2;
  const along = squared === 0 ? 0 : ((x - x0) * (x1 - x0) + (y - y0) * (y1 - y0)) / squared;
  const place = Math.min(1, Math.max(0, along));
  return Math.hypot(x - x0 - place * (x1 - x0), y - y0 - place * (y1 - y0));
}
