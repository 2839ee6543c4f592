/** Each metric against its definition written out patch by patch, and the curves against their areas. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { precisionRecallCurve, rocCurve } from "../../src/metrics/discrimination.ts";
import { computeMetrics, METRIC_NAMES, type MetricName } from "../../src/metrics/table.ts";
import { tallyOf } from "../../src/metrics/tally.ts";
import { assertClose, RUNS, type Sample, samples, samplesOfBothClasses } from "./sample.ts";

/** The definitions, slow and plain; a mean of nothing is null. */
const DEFINITIONS: Record<MetricName, (sample: Sample) => number | null> = {
  auroc({ labels, probabilities }) {
    const pairs = labels.flatMap((label, i) =>
      labels.flatMap((other, j) =>
        label === 1 && other === 0 ? [0.5 + 0.5 * Math.sign(probabilities[i]! - probabilities[j]!)] : [],
      ),
    );
    return mean(pairs);
  },
  auprc({ labels, probabilities }) {
    const precisionAt = (score: number) => mean(labels.filter((_, i) => probabilities[i]! >= score))!;
    return mean(probabilities.filter((_, i) => labels[i] === 1).map(precisionAt));
  },
  accuracy: (sample) => mean(sample.labels.map((label, i) => Number(label === predictions(sample)[i]))),
  sensitivity: (sample) => mean(predictions(sample).filter((_, i) => sample.labels[i] === 1)),
  specificity: (sample) =>
    mean(
      predictions(sample)
        .filter((_, i) => sample.labels[i] === 0)
        .map((prediction) => 1 - prediction),
    ),
  balanced_accuracy(sample) {
    const [positive, negative] = [DEFINITIONS.sensitivity(sample), DEFINITIONS.specificity(sample)];
    return positive === null || negative === null ? null : mean([positive, negative]);
  },
  ppv: (sample) => mean(sample.labels.filter((_, i) => predictions(sample)[i] === 1)),
  npv: (sample) => mean(sample.labels.filter((_, i) => predictions(sample)[i] === 0).map((label) => 1 - label)),
  f1(sample) {
    const { ppv, sensitivity } = DEFINITIONS;
    const [precision, recall] = [ppv(sample), sensitivity(sample)];
    if (precision === null && recall === null) return null;
    if (!precision || !recall) return 0;
    return 2 / (1 / precision + 1 / recall);
  },
  mcc: (sample) => correlation(sample.labels, predictions(sample)),
  brier: ({ labels, probabilities }) => mean(labels.map((label, i) => (label - probabilities[i]!) ** 2)),
  log_loss: ({ labels, probabilities }) =>
    mean(
      labels.map((label, i) => {
        const ofTruth = label === 1 ? probabilities[i]! : 1 - probabilities[i]!;
        return -Math.log(Math.min(Math.max(ofTruth, 2 ** -52), 1 - 2 ** -52));
      }),
    ),
  calibration_error({ labels, probabilities }) {
    const inBin = (p: number, bin: number) => (p > bin / 10 || (p === 0 && bin === 0)) && p <= (bin + 1) / 10;
    const gaps = Array.from({ length: 10 }, (_, bin) => {
      const share = mean(labels.filter((_, i) => inBin(probabilities[i]!, bin)));
      const expected = mean(probabilities.filter((p) => inBin(p, bin)));
      return probabilities.filter((p) => inBin(p, bin)).map(() => Math.abs(share! - expected!));
    });
    return mean(gaps.flat());
  },
};

describe("a metric is its definition", () => {
  for (const name of METRIC_NAMES) {
    test(name, () => {
      fc.assert(
        fc.property(samples, (sample) => {
          const { labels, probabilities, threshold } = sample;
          const { value } = computeMetrics(labels, probabilities, threshold)[name];
          assertClose(value, DEFINITIONS[name](sample), name);
        }),
        RUNS,
      );
    });
  }
});

test("AUROC is the area under the ROC curve by trapezoids", () => {
  fc.assert(
    fc.property(samplesOfBothClasses, ({ labels, probabilities, threshold }) => {
      const { falsePositiveRate: x, truePositiveRate: y } = rocCurve(tallyOf(labels, probabilities))!;
      let area = 0;
      for (let i = 1; i < x.length; i++) area += ((x[i]! - x[i - 1]!) * (y[i]! + y[i - 1]!)) / 2;
      assertClose(computeMetrics(labels, probabilities, threshold).auroc.value, area, "area");
      assert.deepEqual([x[0], y[0], x.at(-1), y.at(-1)], [0, 0, 1, 1]);
    }),
    RUNS,
  );
});

test("AUPRC is the area under the precision-recall curve by steps", () => {
  fc.assert(
    fc.property(samplesOfBothClasses, ({ labels, probabilities, threshold }) => {
      const { precision, recall } = precisionRecallCurve(tallyOf(labels, probabilities))!;
      let area = 0;
      for (let i = 0; i + 1 < recall.length; i++) area += (recall[i]! - recall[i + 1]!) * precision[i]!;
      assertClose(computeMetrics(labels, probabilities, threshold).auprc.value, area, "area");
    }),
    RUNS,
  );
});

test("as many patches as the whole dataset: values known in closed form", () => {
  const size = 277_524;
  // Scores 0, 1/4, 1/2, 3/4 and 1 in turn; IDC is every third patch, so that score p and label y are independent and the
  // Brier score is E(p^2) - 2 E(p) E(y) + E(y).
  const labels = Uint8Array.from({ length: size }, (_, i) => (i % 3 === 0 ? 1 : 0));
  const probabilities = Float32Array.from({ length: size }, (_, i) => (i % 5) / 4);
  const metrics = computeMetrics(labels, probabilities, 0.75);
  const near = (value: number | null, expected: number) => assert.ok(Math.abs(value! - expected) < 2e-5, `${value}`);
  near(metrics.auroc.value, 0.5);
  near(metrics.auprc.value, 1 / 3);
  near(metrics.sensitivity.value, 2 / 5);
  near(metrics.specificity.value, 3 / 5);
  near(metrics.brier.value, 1.875 / 5 - 2 * (1 / 2) * (1 / 3) + 1 / 3);
});

function predictions({ probabilities, threshold }: Sample): number[] {
  return probabilities.map((p) => (p >= threshold ? 1 : 0));
}

function mean(values: readonly number[]): number | null {
  return values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** Pearson's correlation; null if one side does not vary. */
function correlation(x: readonly number[], y: readonly number[]): number | null {
  const [mx, my] = [mean(x) ?? 0, mean(y) ?? 0];
  const varies = (values: readonly number[]) => values.includes(0) && values.includes(1);
  if (!varies(x) || !varies(y)) return null;
  const covariance = mean(x.map((value, i) => (value - mx) * (y[i]! - my)))!;
  return covariance / Math.sqrt(mean(x.map((v) => (v - mx) ** 2))! * mean(y.map((v) => (v - my) ** 2))!);
}
