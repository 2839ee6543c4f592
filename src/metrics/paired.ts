/** Two models on the same patches: how far apart their metrics are, and how sure that is. */
import { byMetric, type MetricEstimate, metricsByDraw, type Resampling, type Sample } from "./intervals.ts";
import { clusterDraws, clustersOf, type DrawOptions, percentileInterval } from "./resampling.ts";
import { computeMetrics, METRICS, type MetricName } from "./table.ts";

/** What a model says of the patches, and the threshold that it calls IDC from. */
export interface Answers {
  /** [n] the probability of IDC, from 0 to 1 */
  readonly probabilities: ArrayLike<number>;
  readonly threshold: number;
}

/** The second model's metric minus the first's, with its interval. */
export interface PairedDifference extends MetricEstimate {
  /** The share of draws in which the second is better, equal ones counted half; null where there are none. */
  readonly favoursSecond: number | null;
}

/**
 * The difference of every metric, second minus first, with its 95 % percentile interval. Both models meet the same resampled cases, so
 * that what makes a draw easy or hard for both cancels: the interval is mostly narrower than the two models' own would suggest.
 * A draw counts only where both metrics are defined.
 * @throws UserError as `metricsWithIntervals`.
 */
export function pairedDifferences(
  patches: Omit<Sample, "probabilities">,
  [first, second]: readonly [Answers, Answers],
  options?: DrawOptions,
): Record<MetricName, PairedDifference> {
  const clusters = clustersOf(patches.cases, [patches.labels, first.probabilities, second.probabilities]);
  return differences(patches, [first, second], { clusters, draws: clusterDraws(clusters.count, options) });
}

/** As `pairedDifferences`, from given draws. */
export function differences(
  { labels }: Pick<Sample, "labels">,
  models: readonly [Answers, Answers],
  resampling: Resampling,
): Record<MetricName, PairedDifference> {
  const values = models.map(({ probabilities, threshold }) => computeMetrics(labels, probabilities, threshold));
  const drawn = models.map(({ probabilities, threshold }) =>
    metricsByDraw({ labels, probabilities }, threshold, resampling),
  );
  return byMetric((name) => {
    const [first, second] = [values[0]![name].value, values[1]![name].value];
    const byDraw = drawn[1]![name].map((value, draw) => value - drawn[0]![name][draw]!);
    return {
      value: first === null || second === null ? null : second - first,
      ...percentileInterval(byDraw),
      favoursSecond: shareAbove(METRICS[name].higherIsBetter ? byDraw : byDraw.map((value) => -value)),
    };
  });
}

/** Metrics that are closer than this differ by rounding. */
const ROUNDING = 1e-12;

/** The share of values above zero, zeros counted half, of those that are defined. */
function shareAbove(values: Float64Array): number | null {
  const defined = values.filter((value) => !Number.isNaN(value));
  if (defined.length === 0) return null;
  const worth = (value: number) => (Math.abs(value) <= ROUNDING ? 0.5 : Number(value > 0));
  return defined.reduce((sum, value) => sum + worth(value), 0) / defined.length;
}
