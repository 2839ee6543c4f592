/** Every metric of the table with its 95 % interval. spread.ts computes how much a metric varies between cases. */
import { type Clusters, clustersOf } from "./clusters.ts";
import { type Spread, spreadOf } from "./spread.ts";
import { studentQuantile } from "./student.ts";
import { METRIC_NAMES, METRICS, type Metric, type MetricName, type MetricValue, metricsOf, viewOf } from "./table.ts";
import { tallyOf } from "./tally.ts";

/** Patches with their labels, a model's probabilities and their cases. */
export interface Sample {
  /** [n] 1 for IDC, 0 for none */
  readonly labels: ArrayLike<number>;
  /** [n] the probability of IDC, from 0 to 1 */
  readonly probabilities: ArrayLike<number>;
  /** [n] the case's name; "" if it is unknown */
  readonly cases: readonly string[];
}

/** The bounds of an interval; null if there is no interval. */
export interface Interval {
  readonly low: number | null;
  readonly high: number | null;
}

/**
 * A metric's value and its 95 % interval. The interval is null if the patches over which the metric is a mean come from
 * fewer than two cases. It is also null if all patches contribute the same, unless the value is an end of the metric's
 * range.
 */
export interface MetricEstimate extends MetricValue, Interval {}

/**
 * Every metric of a model, and [n] the influence of each patch on it. The influence is null if the metric is undefined.
 */
export interface MetricAssessment {
  readonly values: Record<MetricName, MetricValue>;
  readonly influence: Record<MetricName, Float64Array | null>;
}

/** Patches grouped by class and case. The intervals of all models on the same patches share it. */
export interface Layout {
  readonly clusters: Clusters;
  /** [n] each: 1 for a patch of the set, 0 for any other. */
  readonly sets: Record<"idc" | "none" | "all", Uint8Array>;
}

/** The confidence level of the intervals. */
export const LEVEL = 0.95;

const NONE: Interval = { low: null, high: null };

/** A smaller standard error is a rounding error: there is no variation. */
const ROUNDING = 1e-12;

/**
 * Every metric of the table with its 95 % interval for other cases like these. The standard error comes from the
 * differences between cases (see spread.ts), and its degrees of freedom from the number of cases.
 *
 * The interval is value +- t x standard error on a scale that keeps it in the metric's range: the angle asin(sqrt(x))
 * for a metric from 0 to 1 (other bounded metrics are first scaled to 0 to 1), the logarithm for the log loss.
 *
 * A patch without a case counts as a case, so the interval is too narrow if cases are unknown. The result is identical
 * to the last bit for any order of the patches.
 * @param threshold a patch is predicted positive if its probability >= threshold
 * @throws UserError as `computeMetrics`, or if the numbers of cases and patches differ.
 */
export function metricsWithIntervals(sample: Sample, threshold: number): Record<MetricName, MetricEstimate> {
  const layout = layoutOf(sample.cases, sample.labels, [sample.probabilities]);
  return estimatesOf(assess(sample, threshold), layout);
}

/**
 * Groups patches by class and case.
 * @param answers [models][n] the probabilities of the models, which distinguish patches with the same label
 * @throws UserError if the numbers of cases and patches differ.
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

/**
 * Computes every metric and the influence of each patch.
 * @throws UserError as `computeMetrics`.
 */
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

/** The spread of a metric, from the influence of each patch; null if it cannot be estimated. */
export function spreadFor(name: MetricName, influence: Float64Array | null, { clusters, sets }: Layout): Spread | null {
  if (influence === null) return null;
  const { over }: Metric = METRICS[name];
  return spreadOf(influence, over === "both" ? [sets.idc, sets.none] : [sets[over]], clusters);
}

/**
 * t times the standard error: the half-width of the interval on a scale on which it is symmetric; null without
 * variation.
 */
export function marginOf({ standardError, degrees }: Spread): number | null {
  return standardError < ROUNDING ? null : standardError * studentQuantile((1 + LEVEL) / 2, degrees);
}

/** The interval of a value with the given range: from 0 to infinity, or between two finite ends. */
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
 * The lower bound of a fraction if all k of k cases are good: the fraction for which k of k have probability 2.5 %
 * (Clopper & Pearson 1934; for k of k patches it is the "rule of three" of Hanley & Lippman-Hand 1983).
 */
const endBound = (cases: number): number => ((1 - LEVEL) / 2) ** (1 / cases);

/** An object with an entry for each metric of the table. */
export function byMetric<T>(of: (name: MetricName) => T): Record<MetricName, T> {
  return Object.fromEntries(METRIC_NAMES.map((name) => [name, of(name)])) as Record<MetricName, T>;
}
