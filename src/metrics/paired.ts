/** Two models on the same patches: how far apart their metrics are, and how sure that is. */
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

/** What a model says of the patches, and the threshold that it calls IDC from. */
export interface Answers {
  /** [n] the probability of IDC, from 0 to 1 */
  readonly probabilities: ArrayLike<number>;
  readonly threshold: number;
}

/** The second model's metric minus the first's, with its interval. */
export type PairedDifference = MetricEstimate;

/**
 * The difference of every metric, second minus first, with its 95 % interval: difference +- t x standard error, that of the
 * difference which each patch makes, so that what is hard for both models cancels. The interval is mostly narrower than the two models' own
 * would suggest. There is none if the models' answers make no difference to the metric in any case.
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

/** As `pairedDifferences`, of two models that were assessed on the patches of the layout. */
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
