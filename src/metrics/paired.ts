/** Compares two models on the same patches: the differences of their metrics, with intervals. */
import {
  assess,
  byMetric,
  type Layout,
  layoutOf,
  type MetricAssessment,
  type MetricEstimate,
  marginOf,
  type Sample,
  spreadFor,
} from "./intervals.ts";
import { METRICS, type MetricName } from "./table.ts";

/** A model's probabilities, and the threshold from which it calls a patch IDC. */
export interface Answers {
  /** [n] the probability of IDC, from 0 to 1 */
  readonly probabilities: ArrayLike<number>;
  readonly threshold: number;
}

/** The second model's metric minus the first's, with its interval. */
export type PairedDifference = MetricEstimate;

/**
 * The difference of every metric, second minus first, with its 95 % interval: difference +- t x standard error. The
 * standard error is that of each patch's contribution to the difference, so errors that both models share cancel. The
 * interval is usually narrower than the two models' own intervals suggest. It is null if no case makes a difference to
 * the metric.
 * @throws UserError as `metricsWithIntervals`.
 */
export function pairedDifferences(
  patches: Omit<Sample, "probabilities">,
  [first, second]: readonly [Answers, Answers],
): Record<MetricName, PairedDifference> {
  const layout = layoutOf(patches.cases, patches.labels, [first.probabilities, second.probabilities]);
  const assessed = ({ probabilities, threshold }: Answers) =>
    assess({ labels: patches.labels, probabilities }, threshold);
  return differencesOf(assessed(first), assessed(second), layout);
}

/** As `pairedDifferences`, for two models already assessed on the patches of the layout. */
export function differencesOf(
  first: MetricAssessment,
  second: MetricAssessment,
  layout: Layout,
): Record<MetricName, PairedDifference> {
  return byMetric((name) => {
    const [before, after] = [first.values[name].value, second.values[name].value];
    if (before === null || after === null) return { value: null, low: null, high: null };
    const value = after - before;
    const change = second.influence[name]!.map((influence, patch) => influence - first.influence[name]![patch]!);
    const spread = spreadFor(name, change, layout);
    const margin = spread && marginOf(spread);
    if (margin === null) return { value, low: null, high: null };
    const [lowest, highest] = METRICS[name].range;
    const most = highest - lowest;
    return { value, low: Math.max(value - margin, -most), high: Math.min(value + margin, most) };
  });
}
