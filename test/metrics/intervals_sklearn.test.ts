/** Intervals, paired differences and means over cases against scikit-learn on the very same draws (golden/intervals.py). */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { type MacroEstimate, macroEstimates, metricsByCase } from "../../src/metrics/by_case.ts";
import { drawMetrics, estimatesOf, type MetricEstimate } from "../../src/metrics/intervals.ts";
import { type Answers, differencesOf, type PairedDifference } from "../../src/metrics/paired.ts";
import { clustersOf } from "../../src/metrics/resampling.ts";
import { METRIC_NAMES, type MetricName } from "../../src/metrics/table.ts";
import { hash32, readGolden } from "../golden/reference.ts";

interface GoldenIntervals {
  draws: number;
  samples: {
    name: string;
    cases: string[];
    labels: number[];
    models: [Answers, Answers];
    estimates: [Record<MetricName, MetricEstimate>, Record<MetricName, MetricEstimate>];
    differences: Record<MetricName, PairedDifference>;
    macro: Record<MetricName, MacroEstimate>;
  }[];
}

const FIRST_DRAW = 6000;
const golden = readGolden<GoldenIntervals>("intervals");

test("the golden file holds the samples", () => {
  assert.equal(golden.samples.length, 3);
  assert.equal(golden.draws, 200);
});

for (const sample of golden.samples) {
  describe(`scikit-learn: ${sample.name}`, () => {
    const { cases, labels, models } = sample;
    const clusters = clustersOf(cases, [labels]);
    const draws = Array.from({ length: golden.draws }, (_, draw) => drawOf(draw, clusters.count));
    const drawn = models.map(({ probabilities, threshold }) =>
      drawMetrics({ labels, probabilities }, threshold, { clusters, draws }),
    );

    for (const place of [0, 1] as const) {
      test(`intervals of model ${place + 1} to 1e-9`, () => {
        assertSame(estimatesOf(drawn[place]!), sample.estimates[place]);
      });
    }

    test("paired differences to 1e-9", () => {
      assertSame(differencesOf(drawn[0]!, drawn[1]!), sample.differences);
    });

    test("means over cases to 1e-9", () => {
      const [{ probabilities, threshold }] = models;
      assertSame(macroEstimates(metricsByCase({ labels, probabilities, cases }, threshold), draws), sample.macro);
    });
  });
}

/** How often a draw of golden/intervals.py holds each case. */
function drawOf(draw: number, count: number): Float64Array {
  const weights = new Float64Array(count);
  for (let place = 0; place < count; place++) {
    weights[Math.floor((hash32(FIRST_DRAW + draw, place) * count) / 2 ** 32)]! += 1;
  }
  return weights;
}

function assertSame<T extends object>(actual: Record<MetricName, T>, expected: Record<MetricName, T>): void {
  assert.deepEqual(Object.keys(actual), METRIC_NAMES);
  for (const name of METRIC_NAMES) {
    assert.deepEqual(Object.keys(actual[name]).sort(), Object.keys(expected[name]).sort());
    for (const [key, value] of Object.entries(expected[name])) {
      const found: unknown = actual[name][key as keyof T];
      const close = typeof value === "number" && typeof found === "number" && Math.abs(found - value) <= 1e-9;
      assert.ok(close || found === value, `${name}.${key}: ${found}, expected ${value}`);
    }
  }
}
