/** A table of properties, each tried on every metric of the table to which it applies. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { computeMetrics, METRIC_NAMES, METRICS, type Metric, type MetricName } from "../../src/metrics/table.ts";
import { type Confusion, confusionAt } from "../../src/metrics/tally.ts";
import { RandomStream } from "../../src/system/random.ts";
import { assertClose, RUNS, type Sample, samples, samplesOfBothClasses } from "./sample.ts";

const TABLE: Record<MetricName, Metric> = METRICS;

/** The metric that takes the same value when the classes are swapped and every probability p becomes 1 - p. */
const MIRROR: Record<MetricName, MetricName | null> = {
  auroc: "auroc",
  auprc: null,
  accuracy: "accuracy",
  sensitivity: "specificity",
  specificity: "sensitivity",
  balanced_accuracy: "balanced_accuracy",
  ppv: "npv",
  npv: "ppv",
  f1: null,
  mcc: "mcc",
  brier: "brier",
  log_loss: "log_loss",
  calibration_error: "calibration_error",
};

/**
 * The metric's value when all scores are equal and both classes are present, by the share of IDC, the score, and whether all
 * patches are thus called IDC or none.
 */
const AT_CONSTANT_SCORE: Record<MetricName, (share: number, score: number, called: boolean) => number | null> = {
  auroc: () => 0.5,
  auprc: (share) => share,
  accuracy: (share, _, called) => (called ? share : 1 - share),
  sensitivity: (_share, _score, called) => Number(called),
  specificity: (_share, _score, called) => Number(!called),
  balanced_accuracy: () => 0.5,
  ppv: (share, _, called) => (called ? share : null),
  npv: (share, _, called) => (called ? null : 1 - share),
  f1: (share, _, called) => (called ? (2 * share) / (1 + share) : 0),
  mcc: () => null,
  brier: (share, score) => (score - share) ** 2 + share * (1 - share),
  log_loss: (share, score) => -share * Math.log(clipped(score)) - (1 - share) * Math.log(1 - clipped(score)),
  calibration_error: (share, score) => Math.abs(score - share),
};

const NO_PATCHES = ({ tn, fp, fn, tp }: Confusion) => tn + fp + fn + tp === 0;
const NO_IDC = ({ fn, tp }: Confusion) => fn + tp === 0;
const ALL_IDC = ({ tn, fp }: Confusion) => tn + fp === 0;
const NONE_CALLED = ({ fp, tp }: Confusion) => fp + tp === 0;
const ALL_CALLED = ({ tn, fn }: Confusion) => tn + fn === 0;
const ONE_CLASS = (confusion: Confusion) => NO_IDC(confusion) || ALL_IDC(confusion);

/** Where the metric says nothing: what `undefinedWhere` says in words. */
const UNDEFINED: Record<MetricName, (confusion: Confusion) => boolean> = {
  auroc: ONE_CLASS,
  auprc: NO_IDC,
  accuracy: NO_PATCHES,
  sensitivity: NO_IDC,
  specificity: ALL_IDC,
  balanced_accuracy: ONE_CLASS,
  ppv: NONE_CALLED,
  npv: ALL_CALLED,
  f1: (confusion) => NO_IDC(confusion) && NONE_CALLED(confusion),
  mcc: (confusion) => ONE_CLASS(confusion) || NONE_CALLED(confusion) || ALL_CALLED(confusion),
  brier: NO_PATCHES,
  log_loss: NO_PATCHES,
  calibration_error: NO_PATCHES,
};

interface Property {
  readonly title: string;
  readonly appliesTo: (name: MetricName) => boolean;
  readonly on: fc.Arbitrary<Sample>;
  readonly check: (name: MetricName, sample: Sample) => void;
}

const PROPERTIES: Property[] = [
  {
    title: "does not depend on the order of the patches, to the last bit",
    appliesTo: () => true,
    on: samples,
    check(name, sample) {
      const order = new RandomStream(7, "order").shuffle(sample.labels.map((_, i) => i));
      const labels = order.map((i) => sample.labels[i]!);
      const probabilities = order.map((i) => sample.probabilities[i]!);
      assert.equal(metricOf(name, { ...sample, labels, probabilities }), metricOf(name, sample));
    },
  },
  {
    title: "stays when every patch comes three times",
    appliesTo: () => true,
    on: samples,
    check(name, { labels, probabilities, threshold }) {
      const tripled = {
        labels: [...labels, ...labels, ...labels],
        probabilities: [...probabilities, ...probabilities, ...probabilities],
        threshold,
      };
      assertClose(metricOf(name, tripled), metricOf(name, { labels, probabilities, threshold }), name);
    },
  },
  {
    title: "stays under a rising transform of the scores, threshold and all",
    appliesTo: (name) => TABLE[name].needs !== "probabilities",
    on: samples,
    check(name, { labels, probabilities, threshold }) {
      const cubed = { labels, probabilities: probabilities.map((p) => p ** 3), threshold: threshold ** 3 };
      assert.equal(metricOf(name, cubed), metricOf(name, { labels, probabilities, threshold }));
    },
  },
  {
    title: "does not depend on the threshold",
    appliesTo: (name) => TABLE[name].needs !== "threshold",
    on: samples,
    check: (name, sample) => assert.equal(metricOf(name, { ...sample, threshold: 0.99 }), metricOf(name, sample)),
  },
  {
    title: "depends on the side of the threshold alone",
    appliesTo: (name) => TABLE[name].needs === "threshold",
    on: samples,
    check(name, { labels, probabilities, threshold }) {
      const hard = { labels, probabilities: probabilities.map((p) => (p >= threshold ? 1 : 0)), threshold: 0.5 };
      assert.equal(metricOf(name, hard), metricOf(name, { labels, probabilities, threshold }));
    },
  },
  {
    title: "mirrors its partner when the classes are swapped",
    appliesTo: (name) => MIRROR[name] !== null,
    on: samples,
    check(name, sample) {
      // A bin holds its upper end and not its lower one: a score at the end of two bins falls into the other when it is mirrored.
      if (name === "calibration_error" && sample.probabilities.includes(0.5)) return;
      const mirrored = {
        labels: sample.labels.map((label) => 1 - label),
        probabilities: sample.probabilities.map((p) => 1 - p),
        threshold: 1 - sample.threshold,
      };
      assertClose(metricOf(MIRROR[name]!, mirrored), metricOf(name, sample), name);
    },
  },
  {
    title: "stays in its range and is never NaN",
    appliesTo: () => true,
    on: samples,
    check(name, sample) {
      const value = metricOf(name, sample);
      const [low, high] = TABLE[name].range;
      assert.ok(value === null || (value >= low - 1e-12 && value <= high + 1e-12), `${name} is ${value}`);
    },
  },
  {
    title: "is best where the probabilities are the labels",
    appliesTo: () => true,
    on: samplesOfBothClasses,
    check(name, sample) {
      const best = metricOf(name, { ...sample, probabilities: sample.labels })!;
      const [low, high] = TABLE[name].range;
      assertClose(best, TABLE[name].higherIsBetter ? high : low, name);
    },
  },
  {
    title: "takes the known value where all scores are equal",
    appliesTo: () => true,
    on: samplesOfBothClasses,
    check(name, sample) {
      const [score] = sample.probabilities as [number];
      const share = sample.labels.reduce((sum, label) => sum + label, 0) / sample.labels.length;
      const constant = { ...sample, probabilities: sample.labels.map(() => score) };
      assertClose(metricOf(name, constant), AT_CONSTANT_SCORE[name](share, score, score >= sample.threshold), name);
    },
  },
  {
    title: "is undefined just where it says",
    appliesTo: () => true,
    on: samples,
    check(name, sample) {
      const confusion = confusionAt(sample.labels, sample.probabilities, sample.threshold);
      assert.equal(metricOf(name, sample) === null, UNDEFINED[name](confusion), JSON.stringify(confusion));
    },
  },
  {
    title: "is undefined just where it says, with one class only",
    appliesTo: () => true,
    on: samples,
    check(name, { labels, ...sample }) {
      for (const label of [0, 1]) {
        const ofOneClass = { ...sample, labels: labels.map(() => label) };
        const confusion = confusionAt(ofOneClass.labels, sample.probabilities, sample.threshold);
        assert.equal(metricOf(name, ofOneClass) === null, UNDEFINED[name](confusion), JSON.stringify(confusion));
      }
    },
  },
];

for (const { title, appliesTo, on, check } of PROPERTIES) {
  describe(title, () => {
    for (const name of METRIC_NAMES.filter(appliesTo)) {
      test(name, () =>
        fc.assert(
          fc.property(on, (sample) => check(name, sample)),
          RUNS,
        ),
      );
    }
  });
}

function metricOf(name: MetricName, { labels, probabilities, threshold }: Sample): number | null {
  return computeMetrics(labels, probabilities, threshold)[name].value;
}

/** As the log loss clips. */
function clipped(score: number): number {
  return Math.min(Math.max(score, Number.EPSILON), 1 - Number.EPSILON);
}
