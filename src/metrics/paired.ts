/** Two models on the same patches: how far apart their metrics are, and how sure that is. */
import {
  byMetric,
  type DrawnMetrics,
  drawMetrics,
  type MetricEstimate,
  resamplingOf,
  type Sample,
} from "./intervals.ts";
import { type DrawOptions, percentileInterval } from "./resampling.ts";
import { METRICS, type MetricName } from "./table.ts";

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
  const keys = [patches.labels, first.probabilities, second.probabilities];
  const resampling = resamplingOf(patches.cases, keys, options);
  const drawn = ({ probabilities, threshold }: Answers) =>
    drawMetrics({ labels: patches.labels, probabilities }, threshold, resampling);
  return differencesOf(drawn(first), drawn(second));
}

/** As `pairedDifferences`, of metrics that come from the same draws. */
export function differencesOf(first: DrawnMetrics, second: DrawnMetrics): Record<MetricName, PairedDifference> {
  return byMetric((name) => {
    const [before, after] = [first.values[name].value, second.values[name].value];
    const byDraw = second.byDraw[name].map((value, draw) => value - first.byDraw[name][draw]!);
    return {
      value: before === null || after === null ? null : after - before,
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
