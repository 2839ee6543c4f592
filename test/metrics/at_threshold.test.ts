/** The numbers of the threshold slider are those of `metricsWithIntervals`, to the last bit, at every threshold. */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { estimatesByThreshold, THRESHOLD_METRICS } from "../../src/metrics/at_threshold.ts";
import { metricsWithIntervals, type Sample } from "../../src/metrics/intervals.ts";
import { METRIC_NAMES, METRICS } from "../../src/metrics/table.ts";
import { confusionAt } from "../../src/metrics/tally.ts";
import { refused } from "../support/refused.ts";
import { clusteredSample } from "./clustered.ts";

/** Compares every number with Object.is; returns how many intervals there were. */
function assertSameBits(sample: Sample, thresholds: readonly number[]): number {
  const at = estimatesByThreshold(sample);
  let intervals = 0;
  for (const threshold of thresholds) {
    const [found, expected] = [at(threshold, [0.1]), metricsWithIntervals(sample, threshold)];
    assert.deepEqual(found.confusion, confusionAt(sample.labels, sample.probabilities, threshold));
    for (const name of THRESHOLD_METRICS) {
      for (const key of ["value", "low", "high"] as const) {
        const [is, wanted] = [found.metrics[name][key], expected[name][key]];
        assert.ok(Object.is(is, wanted), `${name}.${key} at ${threshold}: ${is}, expected ${wanted}`);
      }
      if (found.metrics[name].low !== null) intervals++;
    }
  }
  return intervals;
}

test("the metrics are those that the table says depend on the threshold", () => {
  assert.deepEqual(
    THRESHOLD_METRICS,
    METRIC_NAMES.filter((name) => METRICS[name].needs === "threshold"),
  );
  assert.equal(THRESHOLD_METRICS.length, 8);
});

test("the same bits at many thresholds, those of patches, beyond them and in any order", () => {
  const sample = clusteredSample({ seed: 4, cases: 20, patchesPerCase: 12 });
  const thresholds = [0.5, 0, 1, 2, -1, ...sample.probabilities.slice(0, 20), 0.5];
  assert.ok(assertSameBits(sample, thresholds) > 150);
  const unknown = { ...sample, cases: sample.cases.map((name, i) => (i % 3 === 0 ? "" : name)) };
  assert.ok(assertSameBits(unknown, thresholds.slice(0, 12)) > 60);
});

test("the same bits on arbitrary patches, with ties, one class or none", () => {
  const samples = fc.array(
    fc.tuple(fc.constantFrom(0, 1), fc.integer({ min: 0, max: 16 }), fc.constantFrom("", "8", "9", "10", "a", "B")),
    { maxLength: 40 },
  );
  let intervals = 0;
  fc.assert(
    fc.property(samples, fc.integer({ min: 0, max: 17 }), (patches, cut) => {
      const sample = {
        labels: patches.map(([label]) => label),
        probabilities: patches.map(([, score]) => score / 16),
        cases: patches.map(([, , name]) => name),
      };
      intervals += assertSameBits(sample, [cut / 16]);
    }),
    { seed: 20190218, numRuns: 60 },
  );
  assert.ok(intervals > 100, `${intervals}`);
});

test("a threshold that is no number, a wrong prevalence and wrong patches are refused", () => {
  const sample = clusteredSample({ seed: 4, cases: 3, patchesPerCase: 4 });
  const at = estimatesByThreshold(sample);
  assert.throws(() => at(Number.NaN), refused("option-invalid", "threshold"));
  assert.throws(() => at(0.5, [1.5]), refused("option-invalid", "1.5"));
  assert.throws(() => estimatesByThreshold({ ...sample, cases: [] }), refused("data-mismatch", "0 cases"));
  const wrong = { labels: [2], probabilities: [0.5], cases: ["a"] };
  assert.throws(() => estimatesByThreshold(wrong, ["benign", "malignant"]), refused("label-invalid", "malignant"));
});
