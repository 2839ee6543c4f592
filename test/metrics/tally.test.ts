/** Counting: the tally, the threshold, input that is refused, and what an empty set gives. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { precisionRecallCurve, rocCurve } from "../../src/metrics/discrimination.ts";
import { accuracy, sensitivity, specificity } from "../../src/metrics/rates.ts";
import { computeMetrics, METRIC_NAMES } from "../../src/metrics/table.ts";
import { confusionAt, tallyOf } from "../../src/metrics/tally.ts";
import { type Refusal, refused } from "../support/refused.ts";

test("a tally counts each class by score, falling", () => {
  const tally = tallyOf([1, 0, 1, 0, 0, 1], [0.2, 0.9, 0.9, 0.2, 0.2, 0]);
  assert.deepEqual([...tally.scores], [0.9, 0.2, 0]);
  assert.deepEqual([...tally.positives], [1, 1, 1]);
  assert.deepEqual([...tally.negatives], [1, 2, 0]);
  assert.deepEqual([tally.positiveCount, tally.negativeCount], [3, 3]);
});

test("a probability on the threshold is predicted positive", () => {
  const labels = [0, 0, 1, 1, 1];
  const probabilities = [0.4, 0.5, 0.5, 0.6, 0.1];
  assert.deepEqual(confusionAt(labels, probabilities, 0.5), { tn: 1, fp: 1, fn: 1, tp: 2 });
  assert.deepEqual(confusionAt(labels, probabilities, 0.5 + 2 ** -53), { tn: 2, fp: 0, fn: 2, tp: 1 });
  assert.deepEqual(confusionAt(labels, probabilities, Number.POSITIVE_INFINITY), { tn: 2, fp: 0, fn: 3, tp: 0 });
});

test("the tutorial's published confusion has sensitivity .8470 and specificity .8503, not the other way round", () => {
  const confusion = { tn: 33847, fp: 5961, fn: 2402, tp: 13295 };
  assert.equal(sensitivity(confusion)!.toFixed(4), "0.8470");
  assert.equal(specificity(confusion)!.toFixed(4), "0.8503");
  assert.equal(accuracy(confusion)!.toFixed(4), "0.8493");
});

describe("refused, in one sentence that names the place", () => {
  const refuses: [string, () => unknown, Refusal][] = [
    ["lengths that differ", () => tallyOf([0, 1], [0.5]), refused("data-mismatch", "2 labels came with 1 probability")],
    ["a label of 2", () => tallyOf([0, 2], [0.5, 0.5]), refused("label-invalid", "Label 2 of 2 is 2")],
    ["a label of NaN", () => tallyOf([Number.NaN], [0.5]), refused("label-invalid", "Label 1 of 1 is NaN")],
    [
      "a probability above 1",
      () => tallyOf([0, 1], [0.5, 1.5]),
      refused("probability-invalid", "Probability 2 of 2 is 1.5"),
    ],
    ["a probability below 0", () => tallyOf([0], [-0.1]), refused("probability-invalid", "Probability 1 of 1 is -0.1")],
    [
      "a probability of NaN",
      () => computeMetrics([0], [Number.NaN], 0.5),
      refused("probability-invalid", "Probability 1 of 1 is NaN"),
    ],
    ["a threshold of NaN", () => confusionAt([0], [0.5], Number.NaN), refused("option-invalid", "threshold")],
  ];
  for (const [title, call, refusal] of refuses) {
    test(title, () => {
      assert.throws(call, refusal);
    });
  }
});

test("without patches every metric is null, and so are the curves", () => {
  const metrics = computeMetrics([], [], 0.5);
  assert.deepEqual(metrics, Object.fromEntries(METRIC_NAMES.map((name) => [name, { value: null }])));
  assert.equal(METRIC_NAMES.length, 13);
  assert.equal(rocCurve(tallyOf([], [])), null);
  assert.equal(precisionRecallCurve(tallyOf([], [])), null);
});

test("metrics survive JSON unchanged", () => {
  const metrics = computeMetrics([1], [1], 0.5);
  assert.deepEqual(JSON.parse(JSON.stringify(metrics)), metrics);
  assert.equal(metrics.auroc.value, null);
  assert.equal(metrics.sensitivity.value, 1);
});
