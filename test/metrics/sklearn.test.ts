/** Every metric, curve and report against the values of scikit-learn that golden/metrics.py wrote. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { precisionRecallCurve, rocCurve } from "../../src/metrics/discrimination.ts";
import { classificationReport } from "../../src/metrics/report.ts";
import { computeMetrics, METRIC_NAMES, type MetricName } from "../../src/metrics/table.ts";
import { type Confusion, confusionAt, tallyOf } from "../../src/metrics/tally.ts";
import { jsonOf } from "../support/folder.ts";
import { assertClose } from "./sample.ts";

interface Golden {
  cases: {
    name: string;
    labels: number[];
    probabilities: number[];
    threshold: number;
    confusion: Confusion;
    metrics: Record<MetricName, number | null>;
    roc: { thresholds: number[]; falsePositiveRate: number[]; truePositiveRate: number[] } | null;
    precisionRecall: { thresholds: number[]; precision: number[]; recall: number[] } | null;
    report: string;
  }[];
  reports: { confusion: [[number, number], [number, number]]; classNames: [string, string]; report: string }[];
}

const golden: Golden = jsonOf(new URL("../../golden/values/metrics.json", import.meta.url));

test("the golden file holds the cases", () => {
  assert.equal(golden.cases.length, 23);
  assert.equal(golden.reports.length, 11);
});

for (const { name, labels, probabilities, threshold, ...expected } of golden.cases) {
  describe(`scikit-learn: ${name}`, () => {
    test("metrics to 1e-12", () => {
      const actual = computeMetrics(labels, probabilities, threshold);
      assert.deepEqual(Object.keys(expected.metrics), METRIC_NAMES);
      for (const metric of METRIC_NAMES) assertClose(actual[metric].value, expected.metrics[metric], metric);
    });

    test("confusion and report", () => {
      const confusion = confusionAt(labels, probabilities, threshold);
      assert.deepEqual(confusion, expected.confusion);
      assert.equal(classificationReport(confusion, ["no IDC", "IDC"]), expected.report);
    });

    test("ROC curve", () => {
      const actual = rocCurve(tallyOf(labels, probabilities));
      if (expected.roc === null) return assert.equal(actual, null);
      assert.equal(actual!.thresholds[0], Number.POSITIVE_INFINITY);
      assert.deepEqual([...actual!.thresholds.subarray(1)], expected.roc.thresholds);
      assertCurve(actual!.falsePositiveRate, expected.roc.falsePositiveRate);
      assertCurve(actual!.truePositiveRate, expected.roc.truePositiveRate);
    });

    test("precision-recall curve", () => {
      const actual = precisionRecallCurve(tallyOf(labels, probabilities));
      if (expected.precisionRecall === null) return assert.equal(actual, null);
      assert.deepEqual([...actual!.thresholds], expected.precisionRecall.thresholds);
      assertCurve(actual!.precision, expected.precisionRecall.precision);
      assertCurve(actual!.recall, expected.precisionRecall.recall);
    });
  });
}

for (const { confusion, classNames, report } of golden.reports) {
  test(`scikit-learn: report of ${JSON.stringify(confusion)}, character for character`, () => {
    const [[tn, fp], [fn, tp]] = confusion;
    assert.equal(classificationReport({ tn, fp, fn, tp }, classNames), report);
  });
}

function assertCurve(actual: Float64Array, expected: readonly number[]): void {
  assert.equal(actual.length, expected.length);
  expected.forEach((value, i) => {
    assertClose(actual[i]!, value, `point ${i}`);
  });
}
