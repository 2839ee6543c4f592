/** Net benefit: against scikit-learn's confusion matrix, and where its value is known. */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { decisionCurve } from "../../src/metrics/decision_curve.ts";
import { tallyOf } from "../../src/metrics/tally.ts";
import { readGolden } from "../golden/reference.ts";
import { assertClose, RUNS, samplesOfBothClasses } from "./sample.ts";

interface Golden {
  cases: {
    name: string;
    labels: number[];
    probabilities: number[];
    netBenefit: { threshold: number; model: number; all: number }[];
  }[];
}

for (const { name, labels, probabilities, netBenefit } of readGolden<Golden>("calibration").cases) {
  test(`scikit-learn: ${name}`, () => {
    const points = decisionCurve(
      tallyOf(labels, probabilities),
      netBenefit.map(({ threshold }) => threshold),
    )!;
    netBenefit.forEach(({ model, all }, i) => {
      assertClose(points[i]!.model, model, "model");
      assertClose(points[i]!.all, all, "all");
      assert.equal(points[i]!.none, 0);
    });
  });
}

test("a perfect model is worth the share of IDC at every threshold, and no model more", () => {
  fc.assert(
    fc.property(samplesOfBothClasses, ({ labels, probabilities }) => {
      const share = labels.filter((label) => label === 1).length / labels.length;
      for (const { model } of decisionCurve(tallyOf(labels, labels))!) assertClose(model, share, "perfect");
      const points = decisionCurve(tallyOf(labels, probabilities))!;
      assert.equal(points.length, 99);
      for (const { model } of points) assert.ok(model <= share + 1e-12);
      // At threshold 0 every model calls all; calling all is worth nothing if the threshold is the share.
      assertClose(decisionCurve(tallyOf(labels, probabilities), [0])![0]!.model, share, "at 0");
      assertClose(decisionCurve(tallyOf(labels, probabilities), [share])![0]!.all, 0, "at the share");
    }),
    RUNS,
  );
});

test("without patches there is no curve", () => assert.equal(decisionCurve(tallyOf([], [])), null));
