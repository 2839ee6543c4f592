/** Every metric case by case, and its mean over cases, each case counting once however many patches it has. */
import { checkCases } from "./clusters.ts";
import { byMetric, intervalOf, type MetricEstimate, type Sample } from "./intervals.ts";
import { computeMetrics, METRICS, type MetricName, type MetricValue } from "./table.ts";

/** One case's patches by themselves. */
export interface CaseMetrics {
  readonly case: string;
  readonly patches: number;
  /** The share of patches with IDC. */
  readonly idcShare: number;
  /** Null if the case does not define it: AUROC of a case without IDC. */
  readonly metrics: Record<MetricName, MetricValue>;
}

/** The mean over the cases that define the metric, and its interval. */
export interface MacroEstimate extends MetricEstimate {
  /** How many cases define it. */
  readonly cases: number;
}

/**
 * Every metric of each case, in the order of their names (by UTF-16 unit). Patches without a case are in none.
 * @throws UserError as `computeMetrics`, or if there is not one case per patch.
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
 * The mean of every metric over the cases that define it, with the 95 % interval for other cases like these: the standard error of the
 * mean of so many cases, with Student's t, on the scale of the metric as in `metricsWithIntervals`. Null if fewer than two cases define the
 * metric.
 * @throws UserError as `metricsWithIntervals`.
 */
export function macroWithIntervals(sample: Sample, threshold: number): Record<MetricName, MacroEstimate> {
  return macroEstimates(metricsByCase(sample, threshold));
}

/** As `macroWithIntervals`, of cases whose metrics are known. */
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
