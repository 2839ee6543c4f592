/** Every metric of the table with its 95 % interval; how far a metric varies with the cases is left to spread.ts. */
import { type Clusters, clustersOf } from "./clusters.ts";
import { type Spread, spreadOf } from "./spread.ts";
import { studentQuantile } from "./student.ts";
import { METRIC_NAMES, METRICS, type Metric, type MetricName, type MetricValue, metricsOf, viewOf } from "./table.ts";
import { tallyOf } from "./tally.ts";

/** Patches, a model's answers to them, and the cases that they are of. */
export interface Sample {
  /** [n] 1 for IDC, 0 for none */
  readonly labels: ArrayLike<number>;
  /** [n] the probability of IDC, from 0 to 1 */
  readonly probabilities: ArrayLike<number>;
  /** [n] "" if it is not known */
  readonly cases: readonly string[];
}

/** Where an interval lies; null if there is none. */
export interface Interval {
  readonly low: number | null;
  readonly high: number | null;
}

/**
 * A metric's value and its 95 % interval. The interval is null if the patches that the metric is a mean over are of fewer than two cases, or
 * if they all contribute the same, unless the value is an end of the metric's range.
 */
export interface MetricEstimate extends MetricValue, Interval {}

/** Every metric of a model's answers, and [n] what each patch contributes to it; null if the metric is undefined. */
export interface MetricAssessment {
  readonly values: Record<MetricName, MetricValue>;
  readonly influence: Record<MetricName, Float64Array | null>;
}

/** Patches by class and case: what the intervals of all models on the same patches share. */
export interface Layout {
  readonly clusters: Clusters;
  /** [n] each: 1 for a patch that belongs to it. */
  readonly sets: Record<"idc" | "none" | "all", Uint8Array>;
}

/** What the intervals hold, in percent. */
export const LEVEL = 0.95;

const NONE: Interval = { low: null, high: null };

/** A standard error below this is rounding: there is no variation. */
const ROUNDING = 1e-12;

/**
 * Every metric of the table with its 95 % interval for other cases like these. The standard error comes from how cases differ (see
 * spread.ts), its degrees of freedom from how many cases it rests on, and the interval is value +- t x standard error on a scale that
 * keeps it in the metric's range: the angle asin(sqrt(x)) for a metric from 0 to 1 (and as such for any bounded one), the logarithm for the
 * log loss. A patch without a case counts as a case: if cases are not known, the interval is too narrow.
 * The same patches give the same bits, in whatever order.
 * @param threshold a patch is predicted positive if its probability >= threshold
 * @throws UserError as `computeMetrics`, or if there is not one case per patch.
 */
export function metricsWithIntervals(sample: Sample, threshold: number): Record<MetricName, MetricEstimate> {
  const layout = layoutOf(sample.cases, sample.labels, [sample.probabilities]);
  return estimatesOf(assess(sample, threshold), layout);
}

/**
 * @param answers [models][n] the probabilities of the models, which distinguish patches of one label
 * @throws UserError if there is not one case per patch.
 */
export function layoutOf(
  cases: readonly string[],
  labels: ArrayLike<number>,
  answers: readonly ArrayLike<number>[],
): Layout {
  const clusters = clustersOf(cases, [labels, ...answers]);
  const sets = {
    idc: new Uint8Array(labels.length),
    none: new Uint8Array(labels.length),
    all: new Uint8Array(labels.length).fill(1),
  };
  for (let patch = 0; patch < labels.length; patch++) (labels[patch] === 1 ? sets.idc : sets.none)[patch] = 1;
  return { clusters, sets };
}

/** @throws UserError as `computeMetrics`. */
export function assess({ labels, probabilities }: Omit<Sample, "cases">, threshold: number): MetricAssessment {
  const view = viewOf(tallyOf(labels, probabilities), threshold);
  const values = metricsOf(view);
  const placeByScore = new Map<number, number>();
  for (const [place, score] of view.tally.scores.entries()) placeByScore.set(score, place);
  const places = new Uint32Array(labels.length);
  for (let patch = 0; patch < places.length; patch++) places[patch] = placeByScore.get(probabilities[patch]!)!;
  return {
    values,
    influence: byMetric((name) => {
      if (values[name].value === null) return null;
      const { ofPositive, ofNegative } = METRICS[name].influence(view);
      const influence = new Float64Array(labels.length);
      for (let patch = 0; patch < influence.length; patch++) {
        influence[patch] = (labels[patch] === 1 ? ofPositive : ofNegative)[places[patch]!]!;
      }
      return influence;
    }),
  };
}

/** Each metric with its interval. */
export function estimatesOf(
  { values, influence }: MetricAssessment,
  layout: Layout,
): Record<MetricName, MetricEstimate> {
  return byMetric((name) => {
    const { value } = values[name];
    const spread = spreadFor(name, influence[name], layout);
    return { value, ...(value === null || spread === null ? NONE : intervalOf(value, spread, METRICS[name].range)) };
  });
}

/** How far a metric varies, from what each patch contributes; null if there is nothing to learn it from. */
export function spreadFor(name: MetricName, influence: Float64Array | null, { clusters, sets }: Layout): Spread | null {
  if (influence === null) return null;
  const { over }: Metric = METRICS[name];
  return spreadOf(influence, over === "both" ? [sets.idc, sets.none] : [sets[over]], clusters);
}

/** t times the standard error: how far the interval reaches on a scale on which it is symmetric. */
export function marginOf({ standardError, degrees }: Spread): number | null {
  return standardError < ROUNDING ? null : standardError * studentQuantile((1 + LEVEL) / 2, degrees);
}

/** The interval of a value with this range: from 0 upward without end, or between two ends. */
export function intervalOf(value: number, spread: Spread, [lowest, highest]: readonly [number, number]): Interval {
  const margin = marginOf(spread);
  if (highest === Number.POSITIVE_INFINITY) {
    if (margin === null || value <= 0) return NONE;
    return { low: value * Math.exp(-margin / value), high: value * Math.exp(margin / value) };
  }
  const width = highest - lowest;
  const within = ({ low, high }: { low: number; high: number }) => ({
    low: lowest + width * low,
    high: lowest + width * high,
  });
  const share = Math.min(Math.max((value - lowest) / width, 0), 1);
  const toEnd = Math.min(share, 1 - share);
  if (margin === null) {
    if (toEnd > ROUNDING) return NONE;
    const far = endBound(spread.effectiveCases);
    return within(share > 0.5 ? { low: far, high: 1 } : { low: 0, high: 1 - far });
  }
  if (toEnd === 0) return NONE;
  const angle = Math.asin(Math.sqrt(share));
  const reach = margin / width / (2 * Math.sqrt(share * (1 - share)));
  const back = (turned: number) => Math.sin(Math.min(Math.max(turned, 0), Math.PI / 2)) ** 2;
  return within({ low: back(angle - reach), high: back(angle + reach) });
}

/**
 * How low the share of good cases may be if all of k were good: what k of k have by chance with probability 2.5 % (Clopper & Pearson
 * 1934; for k of k patches it is the "rule of three" of Hanley & Lippman-Hand 1983).
 */
const endBound = (cases: number): number => ((1 - LEVEL) / 2) ** (1 / cases);

/** An entry for each metric of the table. */
export function byMetric<T>(of: (name: MetricName) => T): Record<MetricName, T> {
  return Object.fromEntries(METRIC_NAMES.map((name) => [name, of(name)])) as Record<MetricName, T>;
}
