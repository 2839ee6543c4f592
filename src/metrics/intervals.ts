/** Every metric of the table with its interval from resampled cases; how cases are drawn and counted is left to resampling.ts. */
import { atOnce } from "../util/turns.ts";
import {
  type Clusters,
  clusterDraws,
  clustersOf,
  type DrawOptions,
  type Draws,
  type Interval,
  percentileInterval,
  recounter,
} from "./resampling.ts";
import { computeMetrics, METRIC_NAMES, METRICS, type MetricName, type MetricValue, viewOf } from "./table.ts";

/** Patches, a model's answers to them, and the cases that they are of. */
export interface Sample {
  /** [n] 1 for IDC, 0 for none */
  readonly labels: ArrayLike<number>;
  /** [n] the probability of IDC, from 0 to 1 */
  readonly probabilities: ArrayLike<number>;
  /** [n] "" where it is not known */
  readonly cases: readonly string[];
}

/**
 * A metric's value and its 95 % interval. The interval is null where there are fewer than two cases, or where the metric is
 * undefined in more than half of the draws; the other draws in which it is undefined are left out of it, and counted.
 */
export interface MetricEstimate extends MetricValue, Interval {}

/** What is drawn, and the draws. */
export interface Resampling {
  readonly clusters: Clusters;
  readonly draws: Draws;
}

/** Every metric of a set of patches, and of each draw from it: [draws] values, NaN where undefined. */
export interface DrawnMetrics {
  readonly values: Record<MetricName, MetricValue>;
  readonly byDraw: Record<MetricName, Float64Array>;
}

/**
 * Every metric of the table, with the 95 % percentile interval from resamples of whole cases (the cluster bootstrap; Field & Welsh
 * 2007). A patch without a case is drawn by itself, as if it were a case: where cases are not known the interval is too narrow.
 * The same patches give the same bits, in whatever order.
 * @param threshold a patch is predicted positive where its probability >= threshold
 * @throws UserError as `computeMetrics`; where there is not one case a patch, or the draws are fewer than 40.
 */
export function metricsWithIntervals(
  sample: Sample,
  threshold: number,
  options?: DrawOptions,
): Record<MetricName, MetricEstimate> {
  return atOnce(intervalSteps(sample, threshold, options));
}

/** As `metricsWithIntervals`, a draw a step. */
export function* intervalSteps(
  sample: Sample,
  threshold: number,
  options?: DrawOptions,
): Generator<void, Record<MetricName, MetricEstimate>> {
  const resampling = resamplingOf(sample.cases, [sample.labels, sample.probabilities], options);
  return estimatesOf(yield* drawSteps(sample, threshold, resampling));
}

/**
 * The cases of patches, and draws of them; for the keys see `clustersOf`.
 * @throws UserError where there is not one case a patch, or the draws are fewer than 40.
 */
export function resamplingOf(
  cases: readonly string[],
  keys: readonly ArrayLike<number>[],
  options?: DrawOptions,
): Resampling {
  const clusters = clustersOf(cases, keys);
  return { clusters, draws: clusterDraws(clusters.count, options) };
}

/** @throws UserError as `computeMetrics`. */
export function drawMetrics(patches: Omit<Sample, "cases">, threshold: number, resampling: Resampling): DrawnMetrics {
  return atOnce(drawSteps(patches, threshold, resampling));
}

/** As `drawMetrics`, a draw a step. */
export function* drawSteps(
  { labels, probabilities }: Omit<Sample, "cases">,
  threshold: number,
  { clusters, draws }: Resampling,
): Generator<void, DrawnMetrics> {
  const values = computeMetrics(labels, probabilities, threshold);
  const recount = recounter(labels, probabilities, clusters);
  const byDraw = byMetric(() => new Float64Array(draws.length));
  let draw = 0;
  for (const weights of draws) {
    const view = viewOf(recount(weights), threshold);
    for (const name of METRIC_NAMES) byDraw[name][draw] = METRICS[name].compute(view) ?? Number.NaN;
    draw++;
    yield;
  }
  return { values, byDraw };
}

/** Each metric with the interval that its draws give. */
export function estimatesOf({ values, byDraw }: DrawnMetrics): Record<MetricName, MetricEstimate> {
  return byMetric((name) => ({ ...values[name], ...percentileInterval(byDraw[name]) }));
}

/** An entry for each metric of the table. */
export function byMetric<T>(of: (name: MetricName) => T): Record<MetricName, T> {
  return Object.fromEntries(METRIC_NAMES.map((name) => [name, of(name)])) as Record<MetricName, T>;
}
