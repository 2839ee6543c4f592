/** Answers of several models as one set: by hand on a small example, against the metrics of the set where one threshold serves all. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { macroWithIntervals, metricsByCase } from "../../src/metrics/by_case.ts";
import { metricsWithIntervals } from "../../src/metrics/intervals.ts";
import {
  type FoldPredictions,
  pooledByCase,
  pooledConfusion,
  pooledMacro,
  pooledWithIntervals,
  spreadOver,
} from "../../src/metrics/pooled.ts";
import { computeMetrics, METRIC_NAMES, METRICS } from "../../src/metrics/table.ts";
import { confusionAt } from "../../src/metrics/tally.ts";
import { assertNear } from "../golden/reference.ts";
import { clusteredSample } from "./clustered.ts";

/** Two models; the second is shyer, and so is its threshold. */
const FIRST: FoldPredictions = {
  labels: [1, 1, 0, 0],
  probabilities: [0.9, 0.6, 0.7, 0.2],
  cases: ["a", "a", "b", "b"],
  threshold: 0.65,
};
const SECOND: FoldPredictions = {
  labels: [1, 1, 0, 0],
  probabilities: [0.5, 0.1, 0.3, 0.05],
  cases: ["c", "c", "d", "d"],
  threshold: 0.3,
};

describe("by hand", () => {
  const pooled = pooledWithIntervals([FIRST, SECOND]);

  test("each patch is called at its own threshold", () => {
    // First: calls 1, 0, 1, 0. Second: calls 1, 0, 1, 0. At either threshold alone the second or the first would differ.
    assert.deepEqual(pooledConfusion([FIRST, SECOND]), { tn: 2, fp: 2, fn: 2, tp: 2 });
    for (const name of ["accuracy", "sensitivity", "specificity", "balanced_accuracy", "ppv", "npv", "f1"] as const) {
      assert.equal(pooled[name].value, 0.5, name);
    }
    assert.equal(pooled.mcc.value, 0);
    const labels = [1, 1, 0, 0, 1, 1, 0, 0];
    const all = [0.9, 0.6, 0.7, 0.2, 0.5, 0.1, 0.3, 0.05];
    assert.notEqual(computeMetrics(labels, all, 0.65).sensitivity.value, 0.5);
    assert.notEqual(computeMetrics(labels, all, 0.3).sensitivity.value, 0.5);
  });

  test("ranks and probabilities are those of all patches together", () => {
    // Of the 16 pairs, .9 wins 4, .6 loses to .7 and wins 3, .5 likewise, .1 wins over .05 only: 11.
    assert.equal(pooled.auroc.value, 11 / 16);
    // Falling: .9+ .7- .6+ .5+ .3- .2- .1+ .05-.
    assert.ok(Math.abs(pooled.auprc.value! - (1 + 2 / 3 + 3 / 4 + 4 / 7) / 4) < 1e-12);
    const squares = [0.01, 0.16, 0.49, 0.04, 0.25, 0.81, 0.09, 0.0025];
    assert.ok(Math.abs(pooled.brier.value! - squares.reduce((sum, one) => sum + one, 0) / 8) < 1e-12);
    const gains = [0.9, 0.6, 0.3, 0.8, 0.5, 0.1, 0.7, 0.95].map(Math.log);
    assert.ok(Math.abs(pooled.log_loss.value! + gains.reduce((sum, one) => sum + one, 0) / 8) < 1e-12);
  });

  test("the spread: mean and standard deviation over the parts that define a metric", () => {
    const values = (auroc: number | null) => ({ ...computeMetrics([1, 0], [0.9, 0.1], 0.5), auroc: { value: auroc } });
    const spread = spreadOver([values(0.7), values(0.8), values(null), values(0.9)]).auroc;
    assert.ok(Math.abs(spread.mean! - 0.8) < 1e-12 && Math.abs(spread.standardDeviation! - 0.1) < 1e-12);
    assert.equal(spread.parts, 3);
    assert.deepEqual(spreadOver([values(null)]).auroc, { mean: null, standardDeviation: null, parts: 0 });
    assert.deepEqual(spreadOver([values(0.7)]).auroc, { mean: 0.7, standardDeviation: null, parts: 1 });
  });
});

/** The patches of a sample in three parts of whole cases, the cases dealt out in turn. */
function partsOf(thresholds: readonly number[]): { whole: FoldPredictions; parts: FoldPredictions[] } {
  const sample = clusteredSample({ seed: 3, cases: 21, patchesPerCase: 12 });
  const names = [...new Set(sample.cases)];
  const placeOf = (patch: number) => names.indexOf(sample.cases[patch]!) % 3;
  const order = [0, 1, 2].map((part) => [...sample.labels.keys()].filter((patch) => placeOf(patch) === part));
  const take = (patches: readonly number[], threshold: number): FoldPredictions => ({
    labels: patches.map((patch) => sample.labels[patch]!),
    probabilities: patches.map((patch) => sample.probabilities[patch]!),
    cases: patches.map((patch) => sample.cases[patch]!),
    threshold,
  });
  return {
    whole: take([...sample.labels.keys()], thresholds[0]!),
    parts: order.map((own, i) => take(own, thresholds[i]!)),
  };
}

describe("against the metrics of one set", () => {
  test("where all thresholds are one, values, intervals and means over cases are those of the set", () => {
    const { whole, parts } = partsOf([0.4, 0.4, 0.4]);
    const [pooled, expected] = [pooledWithIntervals(parts), metricsWithIntervals(whole, 0.4)];
    for (const name of METRIC_NAMES) assert.deepEqual(pooled[name], expected[name], name);
    assert.deepEqual(pooledConfusion(parts), confusionAt(whole.labels, whole.probabilities, 0.4));
    const byCase = pooledByCase(parts);
    assert.deepEqual(
      byCase.toSorted((a, b) => (a.case < b.case ? -1 : 1)),
      metricsByCase(whole, 0.4),
    );
    assert.deepEqual(pooledMacro(byCase), macroWithIntervals(whole, 0.4));
  });

  test("where they differ, ranks and probabilities stay, and calls are those of probabilities moved to one threshold", () => {
    const thresholds = [0.2, 0.5, 0.7];
    const { whole, parts } = partsOf(thresholds);
    const pooled = pooledWithIntervals(parts);
    const atOne = metricsWithIntervals(whole, 0.5);
    // Moved so that each part's own threshold lies at one half: the same calls by another way.
    const moved = parts.map((part) => ({
      ...part,
      probabilities: Array.from(part.probabilities, (p) =>
        p >= part.threshold ? 0.5 + (p - part.threshold) / 4 : 0.5 - (part.threshold - p) / 4,
      ),
      threshold: 0.5,
    }));
    const calls = pooledWithIntervals(moved);
    let differing = 0;
    for (const name of METRIC_NAMES) {
      const byThreshold = METRICS[name].needs === "threshold";
      const expected = byThreshold ? calls[name] : atOne[name];
      // Patches are summed in the order of their probabilities, which moved.
      for (const end of ["value", "low", "high"] as const) assertNear(pooled[name][end]!, expected[end]!, 1e-12, name);
      if (byThreshold && pooled[name].value !== atOne[name].value) differing++;
      const { value, low, high } = pooled[name];
      assert.ok(low! < high!, `${name}: ${value}`);
    }
    assert.ok(differing >= 5, `${differing} metrics tell the thresholds apart`);
  });
});
