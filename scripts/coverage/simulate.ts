/**
 * Simulates how often the intervals contain the true value: for single models, differences of two models, means over
 * cases, and pooled folds.
 */
import { macroEstimates, metricsByCase } from "../../src/metrics/by_case.ts";
import { assess, estimatesOf, type Interval, layoutOf } from "../../src/metrics/intervals.ts";
import { differencesOf } from "../../src/metrics/paired.ts";
import { pooledWithIntervals } from "../../src/metrics/pooled.ts";
import { computeMetrics, METRIC_NAMES, type MetricName } from "../../src/metrics/table.ts";
import { RandomStream } from "../../src/system/random.ts";
import type { Drawn, Population } from "./populations.ts";

export const KINDS = ["one model", "difference of two", "mean over cases", "pooled folds"] as const;
export type Kind = (typeof KINDS)[number];

/** The results for the intervals of one metric. */
export interface Coverage {
  /** The number of simulations that gave an interval. */
  readonly times: number;
  /** The share of these intervals that contain the true value. */
  readonly held: number;
  /** The mean width of the intervals. */
  readonly width: number;
  /** The share of simulations in which the true value was below the interval. */
  readonly below: number;
  readonly truth: number;
}

export type Coverages = Record<Kind, Record<MetricName, Coverage>>;

export interface Design {
  readonly population: Population;
  readonly sizes: readonly number[];
  readonly times: number;
  readonly seed: number;
  readonly kinds: readonly Kind[];
}

/** The values and intervals of one simulation. */
type Estimates = Record<MetricName, Interval & { readonly value: number | null }>;

/**
 * The true values are computed from about this many cases, or from fewer if these would have more than TRUTH_PATCHES
 * patches.
 */
const TRUTH_CASES = 15_000;
const TRUTH_PATCHES = 1_500_000;

/** The shift of each fold's model in logits: how much more confident it is than the average model. */
const FOLD_SHIFTS = [-0.4, -0.2, 0, 0.2, 0.4];

export function simulate(design: Design): Coverages {
  const { population, sizes, times, seed, kinds } = design;
  const truths = truthsOf(design);
  const found = new Map<Kind, Estimates[]>(kinds.map((kind) => [kind, []]));
  for (let time = 0; time < times; time++) {
    const drawn = population.draw(sizes, new RandomStream(seed, "coverage", time));
    for (const kind of kinds) found.get(kind)!.push(ESTIMATES[kind](drawn, population.threshold));
  }
  return Object.fromEntries(
    kinds.map((kind) => [kind, coverageOf(found.get(kind)!, truths[kind] ?? meanOf(found.get(kind)!))]),
  ) as Coverages;
}

const caseNames = (caseOf: Uint32Array) => Array.from(caseOf, (index) => `case ${String(index).padStart(5, "0")}`);

const ESTIMATES: Record<Kind, (drawn: Drawn, threshold: number) => Estimates> = {
  "one model": ({ labels, caseOf, answers: [probabilities] }, threshold) =>
    estimatesOf(assess({ labels, probabilities }, threshold), layoutOf(caseNames(caseOf), labels, [probabilities])),
  "difference of two": ({ labels, caseOf, answers }, threshold) => {
    const [first, second] = answers.map((probabilities) => assess({ labels, probabilities }, threshold));
    return differencesOf(first!, second!, layoutOf(caseNames(caseOf), labels, answers));
  },
  "mean over cases": ({ labels, caseOf, answers: [probabilities] }, threshold) =>
    macroEstimates(metricsByCase({ labels, probabilities, cases: caseNames(caseOf) }, threshold)),
  "pooled folds": (drawn, threshold) => pooledWithIntervals(foldsOf(drawn, threshold)),
};

/** Each fold's model is more or less confident than the others. Its threshold follows this shift only halfway. */
function foldsOf({ labels, caseOf, answers: [probabilities] }: Drawn, threshold: number) {
  const names = caseNames(caseOf);
  return FOLD_SHIFTS.map((shift, fold) => {
    const own = [...labels.keys()].filter((patch) => caseOf[patch]! % FOLD_SHIFTS.length === fold);
    const moved = (p: number, by: number) => 1 / (1 + ((1 - p) / p) * Math.exp(-by));
    return {
      labels: own.map((patch) => labels[patch]!),
      probabilities: own.map((patch) => moved(probabilities[patch]!, shift)),
      cases: own.map((patch) => names[patch]!),
      threshold: moved(threshold, shift / 2),
    };
  });
}

/**
 * The metrics of very many cases. There is no such true value for means over cases, because small cases bias some
 * metrics.
 */
function truthsOf({ population, sizes, seed }: Design): Partial<Record<Kind, Record<MetricName, number>>> {
  const patches = sizes.reduce((sum, size) => sum + size, 0);
  const repeats = Math.ceil(Math.min(TRUTH_CASES / sizes.length, TRUTH_PATCHES / patches) / 5) * 5;
  const many = new Array<readonly number[]>(repeats).fill(sizes).flat();
  const drawn = population.draw(many, new RandomStream(seed, "truth"));
  const [first, second] = drawn.answers.map((answers) => computeMetrics(drawn.labels, answers, population.threshold));
  const byMetric = (of: (name: MetricName) => number) =>
    Object.fromEntries(METRIC_NAMES.map((name) => [name, of(name)])) as Record<MetricName, number>;
  return {
    "one model": byMetric((name) => first![name].value!),
    "difference of two": byMetric((name) => second![name].value! - first![name].value!),
  };
}

/** The mean of the estimates. */
function meanOf(all: readonly Estimates[]): Record<MetricName, number> {
  const means = METRIC_NAMES.map((name) => {
    const values = all.flatMap((one) => one[name].value ?? []);
    return [name, values.reduce((sum, value) => sum + value, 0) / values.length];
  });
  return Object.fromEntries(means) as Record<MetricName, number>;
}

function coverageOf(all: readonly Estimates[], truths: Record<MetricName, number>): Record<MetricName, Coverage> {
  const rows = METRIC_NAMES.map((name) => {
    const intervals = all.flatMap((one) => {
      const { low, high } = one[name];
      return low === null || high === null ? [] : [{ low, high }];
    });
    const truth = truths[name];
    const share = (isSo: (one: { low: number; high: number }) => boolean) =>
      intervals.filter(isSo).length / intervals.length;
    return [
      name,
      {
        times: intervals.length,
        held: share(({ low, high }) => low <= truth && truth <= high),
        width: intervals.reduce((sum, { low, high }) => sum + high - low, 0) / intervals.length,
        below: share(({ low }) => truth < low),
        truth,
      },
    ];
  });
  return Object.fromEntries(rows) as Record<MetricName, Coverage>;
}
