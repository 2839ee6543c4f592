/**
 * The answers of several models, each to cases of its own, as one set: what a cross-validation gives. Every patch is called IDC from
 * the threshold of the model that answered it.
 */
import { type CaseMetrics, type MacroEstimate, macroEstimates, metricsByCase } from "./by_case.ts";
import { assess, byMetric, estimatesOf, layoutOf, type MetricEstimate, type Sample } from "./intervals.ts";
import { METRICS, type MetricName, type MetricValue } from "./table.ts";
import { type Confusion, confusionAt } from "./tally.ts";

/** Patches that one model answered, and the threshold from which it calls IDC. */
export interface FoldPredictions extends Sample {
  readonly threshold: number;
}

/**
 * Every metric over all patches, with its 95 % interval for other cases like these. What depends on a threshold is computed from the calls,
 * each made at the patch's own threshold; the rest from the probabilities, which rank answers of different models together.
 * @throws UserError as `metricsWithIntervals`.
 */
export function pooledWithIntervals(parts: readonly FoldPredictions[]): Record<MetricName, MetricEstimate> {
  const labels = parts.flatMap((part) => Array.from(part.labels));
  const probabilities = parts.flatMap((part) => Array.from(part.probabilities));
  const calls = parts.flatMap((part) => Array.from(part.probabilities, (p) => (p >= part.threshold ? 1 : 0)));
  const cases = parts.flatMap((part) => part.cases);
  const layout = layoutOf(cases, labels, [probabilities, calls]);
  const byProbability = estimatesOf(assess({ labels, probabilities }, 0.5), layout);
  // A call is a probability of 0 or 1: any threshold between gives the counts of the calls.
  const byCall = estimatesOf(assess({ labels, probabilities: calls }, 0.5), layout);
  return byMetric((name) => (METRICS[name].needs === "threshold" ? byCall : byProbability)[name]);
}

/** The counts over all patches. */
export function pooledConfusion(parts: readonly FoldPredictions[]): Confusion {
  const counts = parts.map(({ labels, probabilities, threshold }) => confusionAt(labels, probabilities, threshold));
  const sum = (name: keyof Confusion) => counts.reduce((total, count) => total + count[name], 0);
  return { tn: sum("tn"), fp: sum("fp"), fn: sum("fn"), tp: sum("tp") };
}

/** Every metric of each case, a part after the other; no case may be in two. */
export function pooledByCase(parts: readonly FoldPredictions[]): CaseMetrics[] {
  return parts.flatMap((part) => metricsByCase(part, part.threshold));
}

/** The mean over cases, as `macroWithIntervals`. */
export function pooledMacro(rows: readonly CaseMetrics[]): Record<MetricName, MacroEstimate> {
  return macroEstimates([...rows].sort((a, b) => (a.case < b.case ? -1 : 1)));
}

/** How a metric differs from part to part. */
export interface FoldSpread {
  /** Null if no part defines the metric. */
  readonly mean: number | null;
  /** With n - 1 below; null if fewer than two parts define the metric. */
  readonly standardDeviation: number | null;
  /** How many parts define it. */
  readonly parts: number;
}

/** The mean and the standard deviation of every metric over the parts that define it. */
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
