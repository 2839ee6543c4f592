/** Every metric for each case, and its mean over cases. Each case counts once, regardless of its number of patches. */
import { checkCases } from "./clusters.ts";
import { byMetric, intervalOf, type MetricEstimate, type Sample } from "./intervals.ts";
import { computeMetrics, METRICS, type MetricName, type MetricValue } from "./table.ts";

/** The metrics of one case. */
export interface CaseMetrics {
  readonly case: string;
  readonly patches: number;
  /** The fraction of patches with IDC. */
  readonly idcShare: number;
  /** A value is null if the case does not define it, for example the AUROC of a case without IDC. */
  readonly metrics: Record<MetricName, MetricValue>;
}

/** The mean over the cases that define the metric, with its interval. */
export interface MacroEstimate extends MetricEstimate {
  /** The number of cases that define the metric. */
  readonly cases: number;
}

/**
 * Every metric of each case, sorted by case name (by UTF-16 unit). Patches without a case are ignored.
 * @throws UserError as `computeMetrics`, or if the numbers of cases and patches differ.
 */
export function metricsByCase({ labels, probabilities, cases }: Sample, threshold: number): CaseMetrics[] {
  checkCases(cases, labels.length);
  const patchesOf = Map.groupBy(cases.keys(), (patch) => cases[patch]!);
  patchesOf.delete("");
  return [...patchesOf.keys()].sort().map((name) => {
    const patches = patchesOf.get(name)!;
    const ownLabels = patches.map((patch) => labels[patch]!);
    const ownProbabilities = patches.map((patch) => probabilities[patch]!);
    return {
      case: name,
      patches: patches.length,
      idcShare: ownLabels.reduce((sum, label) => sum + label, 0) / patches.length,
      metrics: computeMetrics(ownLabels, ownProbabilities, threshold),
    };
  });
}

/**
 * The mean of every metric over the cases that define it, with the 95 % interval for other cases like these. The
 * interval uses the standard error of the mean over cases and Student's t, on the scale of the metric as in
 * `metricsWithIntervals`. The value is null if no case defines the metric; the interval is null if fewer than two do.
 * @throws UserError as `metricsWithIntervals`.
 */
export function macroWithIntervals(sample: Sample, threshold: number): Record<MetricName, MacroEstimate> {
  return macroEstimates(metricsByCase(sample, threshold));
}

/** As `macroWithIntervals`, for cases whose metrics are already computed. */
export function macroEstimates(rows: readonly CaseMetrics[]): Record<MetricName, MacroEstimate> {
  return byMetric((name) => {
    const values = rows.flatMap(({ metrics }) => metrics[name].value ?? []);
    const cases = values.length;
    if (cases === 0) return { value: null, low: null, high: null, cases };
    const value = values.reduce((sum, one) => sum + one, 0) / cases;
    if (cases === 1) return { value, low: null, high: null, cases };
    const squares = values.reduce((sum, one) => sum + (one - value) ** 2, 0);
    const standardError = Math.sqrt(squares / (cases - 1) / cases);
    const spread = { standardError, degrees: cases - 1, effectiveCases: cases };
    return { value, ...intervalOf(value, spread, METRICS[name].range), cases };
  });
}
