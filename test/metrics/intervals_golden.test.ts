/** Intervals, paired differences and means over cases against golden/intervals.py, which finds them another way with scikit-learn and scipy. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { type MacroEstimate, macroWithIntervals } from "../../src/metrics/by_case.ts";
import { type MetricEstimate, metricsWithIntervals } from "../../src/metrics/intervals.ts";
import { type Answers, type PairedDifference, pairedDifferences } from "../../src/metrics/paired.ts";
import { studentQuantile } from "../../src/metrics/student.ts";
import { METRIC_NAMES, type MetricName } from "../../src/metrics/table.ts";
import { readGolden } from "../golden/reference.ts";

interface GoldenIntervals {
  quantiles: { degrees: number; value: number }[];
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

/** The reference takes derivatives by differences of 1e-4, whose error is about the square of that. */
const TOLERANCE = 1e-6;

const golden = readGolden<GoldenIntervals>("intervals");

test("the golden file holds the samples, and intervals for most metrics", () => {
  assert.equal(golden.samples.length, 4);
  const ends = golden.samples.flatMap(({ estimates, differences, macro }) =>
    [...estimates, differences, macro].flatMap((all) => METRIC_NAMES.map((name) => all[name].low)),
  );
  assert.ok(ends.filter((low) => low !== null).length > 150, `${ends.filter((low) => low !== null).length}`);
});

test("quantiles of Student's t to 1e-8", () => {
  for (const { degrees, value } of golden.quantiles) {
    const found = studentQuantile(0.975, degrees);
    assert.ok(Math.abs(found / value - 1) < 1e-8, `${degrees} degrees: ${found}, expected ${value}`);
  }
});

for (const { name, cases, labels, models, ...expected } of golden.samples) {
  describe(`scikit-learn and scipy: ${name}`, () => {
    for (const place of [0, 1] as const) {
      test(`intervals of model ${place + 1}`, () => {
        const { probabilities, threshold } = models[place];
        assertSame(metricsWithIntervals({ labels, probabilities, cases }, threshold), expected.estimates[place]);
      });
    }

    test("paired differences", () => {
      assertSame(pairedDifferences({ labels, cases }, models), expected.differences);
    });

    test("means over cases", () => {
      const [{ probabilities, threshold }] = models;
      assertSame(macroWithIntervals({ labels, probabilities, cases }, threshold), expected.macro);
    });
  });
}

function assertSame<T extends object>(actual: Record<MetricName, T>, expected: Record<MetricName, T>): void {
  assert.deepEqual(Object.keys(actual), METRIC_NAMES);
  for (const name of METRIC_NAMES) {
    assert.deepEqual(Object.keys(actual[name]).sort(), Object.keys(expected[name]).sort());
    for (const [key, value] of Object.entries(expected[name])) {
      const found: unknown = actual[name][key as keyof T];
      const close = typeof value === "number" && typeof found === "number" && Math.abs(found - value) <= TOLERANCE;
      assert.ok(close || found === value, `${name}.${key}: ${found}, expected ${value}`);
    }
  }
}
