/**
 * Pools the predictions of several models, each on different cases, as in a cross-validation. Each patch is called with
 * the threshold of the model that predicted it.
 */
import { type CaseMetrics, type MacroEstimate, macroEstimates, metricsByCase } from "./by_case.ts";
import {
  assess,
  byMetric,
  estimatesOf,
  layoutOf,
  type MetricAssessment,
  type MetricEstimate,
  type Sample,
} from "./intervals.ts";
import { METRICS, type MetricName, type MetricValue } from "./table.ts";
import { type Confusion, confusionAt } from "./tally.ts";

/** The patches that one model predicted, and the threshold from which it calls a patch IDC. */
export interface FoldPredictions extends Sample {
  readonly threshold: number;
}

/**
 * Every metric over all patches, with its 95 % interval for other cases like these. Metrics that depend on a threshold
 * use the calls, each made with the threshold of the patch's own model. All others use the probabilities, so the
 * predictions of different models are ranked together.
 * @throws UserError as `metricsWithIntervals`.
 */
export function pooledWithIntervals(parts: readonly FoldPredictions[]): Record<MetricName, MetricEstimate> {
  const labels = parts.flatMap((part) => Array.from(part.labels));
  const probabilities = parts.flatMap((part) => Array.from(part.probabilities));
  const calls = parts.flatMap((part) => Array.from(part.probabilities, (p) => (p >= part.threshold ? 1 : 0)));
  const cases = parts.flatMap((part) => part.cases);
  return estimatesOf(assessWithCalls(labels, probabilities, calls), layoutOf(cases, labels, [probabilities, calls]));
}

/**
 * Every metric and the influence of each patch, if a patch's call does not depend on its probability alone.
 * @param labels [n] 1 for IDC, 0 for none
 * @param probabilities [n] the probability of IDC, from 0 to 1
 * @param calls [n] 1 if the patch is called IDC, 0 if not
 */
export function assessWithCalls(
  labels: ArrayLike<number>,
  probabilities: ArrayLike<number>,
  calls: ArrayLike<number>,
): MetricAssessment {
  const byProbability = assess({ labels, probabilities }, 0.5);
  // Calls are used as probabilities of 0 and 1. Any threshold between them gives the right counts.
  const byCall = assess({ labels, probabilities: calls }, 0.5);
  const from = (name: MetricName) => (METRICS[name].needs === "threshold" ? byCall : byProbability);
  return {
    values: byMetric((name) => from(name).values[name]),
    influence: byMetric((name) => from(name).influence[name]),
  };
}

/** The confusion counts over all patches. */
export function pooledConfusion(parts: readonly FoldPredictions[]): Confusion {
  const counts = parts.map(({ labels, probabilities, threshold }) => confusionAt(labels, probabilities, threshold));
  const sum = (name: keyof Confusion) => counts.reduce((total, count) => total + count[name], 0);
  return { tn: sum("tn"), fp: sum("fp"), fn: sum("fn"), tp: sum("tp") };
}

/** Every metric of each case, fold by fold. No case may be in two folds. */
export function pooledByCase(parts: readonly FoldPredictions[]): CaseMetrics[] {
  return parts.flatMap((part) => metricsByCase(part, part.threshold));
}

/** The mean over cases, as in `macroWithIntervals`. */
export function pooledMacro(rows: readonly CaseMetrics[]): Record<MetricName, MacroEstimate> {
  return macroEstimates([...rows].sort((a, b) => (a.case < b.case ? -1 : 1)));
}

/** The mean and the standard deviation of a metric over folds. */
export interface FoldSpread {
  /** Null if no fold defines the metric. */
  readonly mean: number | null;
  /** With n - 1 in the denominator; null if fewer than two folds define the metric. */
  readonly standardDeviation: number | null;
  /** The number of folds that define the metric. */
  readonly parts: number;
}

/** The mean and the standard deviation of every metric over the folds that define it. */
export function spreadOver(parts: readonly Record<MetricName, MetricValue>[]): Record<MetricName, FoldSpread> {
  return byMetric((name) => {
    const values = parts.flatMap(({ [name]: { value } }) => (value === null ? [] : [value]));
    const count = values.length;
    const mean = values.reduce((sum, value) => sum + value, 0) / count;
    const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
    return {
      mean: count === 0 ? null : mean,
      standardDeviation: count < 2 ? null : Math.sqrt(squares / (count - 1)),
      parts: count,
    };
  });
}
