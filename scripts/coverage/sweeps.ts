/**
 * Simulates how often the intervals of a sweep contain the true difference of two settings, which is the one over very
 * many cases and seeds. The settings are tested on the same cases with a few seeds each.
 */
import { type CaseMetrics, metricsByCase } from "../../src/metrics/by_case.ts";
import { type Interval, layoutOf } from "../../src/metrics/intervals.ts";
import { assessWithCalls } from "../../src/metrics/pooled.ts";
import { seededCaseDifference, seededDifferences } from "../../src/metrics/seeds.ts";
import { METRIC_NAMES, type MetricName } from "../../src/metrics/table.ts";
import { RandomStream } from "../../src/system/random.ts";

/**
 * What varies, as standard deviations in logits: the cases as in populations.ts ("independent shifts of the classes"),
 * and what settings and seeds add to them.
 */
export interface SweepModel {
  readonly title: string;
  /** How well a seed separates the classes, and how confident it is, in all cases. */
  readonly seedGain: number;
  readonly seedShift: number;
  /** What a setting changes in a case with all its seeds, and what a seed changes in a case. */
  readonly settingCase: number;
  readonly seedCase: number;
}

export const SWEEP_MODELS: readonly SweepModel[] = [
  { title: "seeds differ little", seedGain: 0.05, seedShift: 0.1, settingCase: 0.3, seedCase: 0.2 },
  { title: "seeds differ as much as cases", seedGain: 0.2, seedShift: 0.3, settingCase: 0.3, seedCase: 0.3 },
  { title: "seeds differ most", seedGain: 0.5, seedShift: 0.6, settingCase: 0.2, seedCase: 0.2 },
  { title: "seeds differ case by case", seedGain: 0, seedShift: 0, settingCase: 0.2, seedCase: 0.6 },
];

export interface SweepDesign {
  readonly model: SweepModel;
  readonly sizes: readonly number[];
  readonly seeds: number;
  readonly times: number;
  readonly seed: number;
}

export type SweptMetric = MetricName | "auroc_over_cases";

export const SWEPT_METRICS: readonly SweptMetric[] = [...METRIC_NAMES, "auroc_over_cases"];

/** The share of the intervals that contain the truth, and their mean width. */
export type SweepCoverages = Record<
  SweptMetric,
  { readonly held: number; readonly width: number; readonly times: number }
>;

type Estimates = Record<SweptMetric, Interval & { readonly value: number | null }>;

const GAINS = [0, 0.3] as const;

export function simulateSweeps({ model, sizes, seeds, times, seed }: SweepDesign): SweepCoverages {
  const found: Estimates[] = [];
  for (let time = 0; time < times; time++) {
    found.push(estimates(model, sizes, seeds, new RandomStream(seed, "sweeps", time)));
  }
  const rows = SWEPT_METRICS.map((name) => {
    const values = found.flatMap((one) => one[name].value ?? []);
    const truth = values.reduce((sum, value) => sum + value, 0) / values.length;
    const intervals = found.flatMap((one) => {
      const { low, high } = one[name];
      return low === null || high === null ? [] : [{ low, high }];
    });
    const held = intervals.filter(({ low, high }) => low <= truth && truth <= high).length;
    const width = intervals.reduce((sum, { low, high }) => sum + high - low, 0);
    return [name, { held: held / intervals.length, width: width / intervals.length, times: intervals.length }];
  });
  return Object.fromEntries(rows) as SweepCoverages;
}

const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));

/** Draws cases, and what two settings with their seeds answer for them. Returns the differences with intervals. */
function estimates(model: SweepModel, sizes: readonly number[], seeds: number, stream: RandomStream): Estimates {
  const total = sizes.reduce((sum, size) => sum + size, 0);
  const labels = new Uint8Array(total);
  const base = new Float64Array(total);
  const caseOf = new Uint32Array(total);
  let patch = 0;
  for (const [index, size] of sizes.entries()) {
    const share = sigmoid(stream.normal(-0.5, 0.8));
    const [ofIdc, ofNone] = [stream.normal(0, 0.5), stream.normal(0, 0.5)];
    for (let i = 0; i < size; i++, patch++) {
      labels[patch] = stream.uniform() < share ? 1 : 0;
      base[patch] = labels[patch] === 1 ? stream.normal(1.2 + ofIdc, 1) : stream.normal(-1.2 + ofNone, 1);
      caseOf[patch] = index;
    }
  }
  const cases = Array.from(caseOf, (index) => `case ${String(index).padStart(5, "0")}`);
  const settings = GAINS.map((gain) => {
    const ofSetting = sizes.map(() => stream.normal(0, model.settingCase));
    return Array.from({ length: seeds }, () => {
      const better = gain + stream.normal(0, model.seedGain);
      const shift = stream.normal(0, model.seedShift);
      const ofSeed = sizes.map(() => stream.normal(0, model.seedCase));
      const probabilities = new Float64Array(total);
      for (let i = 0; i < total; i++) {
        const own = ofSetting[caseOf[i]!]! + ofSeed[caseOf[i]!]!;
        const side = labels[i] === 1 ? better / 2 : -better / 2;
        probabilities[i] = sigmoid(base[i]! + side + shift + own + stream.normal(0, 0.5));
      }
      const threshold = sigmoid(shift / 2);
      const calls = Uint8Array.from(probabilities, (p) => (p >= threshold ? 1 : 0));
      const assessed = assessWithCalls(labels, probabilities, calls);
      return { assessed, byCase: metricsByCase({ labels, probabilities, cases }, 0.5) };
    });
  });
  const [first, second] = settings.map((all) => all.map(({ assessed }) => assessed));
  const [from, to] = settings.map((all) => all.map(({ byCase }): readonly CaseMetrics[] => byCase));
  const layout = layoutOf(cases, labels, [Uint32Array.from(labels.keys())]);
  return {
    ...seededDifferences(first!, second!, layout),
    auroc_over_cases: seededCaseDifference(from!, to!, "auroc"),
  };
}
