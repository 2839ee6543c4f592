/** Every metric case by case, and its mean over cases, each case counting once however many patches it has. */
import { atOnce } from "../util/turns.ts";
import { byMetric, type MetricEstimate, type Sample } from "./intervals.ts";
import { checkCases, clusterDraws, type DrawOptions, type Draws, percentileInterval } from "./resampling.ts";
import { computeMetrics, METRIC_NAMES, type MetricName, type MetricValue } from "./table.ts";

/** One case's patches by themselves. */
export interface CaseMetrics {
  readonly case: string;
  readonly patches: number;
  /** The share of patches with IDC. */
  readonly idcShare: number;
  /** Null where the case does not define it: AUROC of a case without IDC. */
  readonly metrics: Record<MetricName, MetricValue>;
}

/** The mean over the cases that define the metric, and its interval. */
export interface MacroEstimate extends MetricEstimate {
  /** How many cases define it. */
  readonly cases: number;
}

/**
 * Every metric of each case, in the order of their names (by UTF-16 unit). Patches without a case are in none.
 * @throws UserError as `computeMetrics`, or where there is not one case a patch.
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
 * The mean of every metric over the cases that define it, with the 95 % percentile interval from resampled cases: those that do not
 * define it are drawn too, and left out of the draw's mean.
 * @throws UserError as `metricsWithIntervals`.
 */
export function macroWithIntervals(
  sample: Sample,
  threshold: number,
  options?: DrawOptions,
): Record<MetricName, MacroEstimate> {
  const rows = metricsByCase(sample, threshold);
  return macroEstimates(rows, clusterDraws(rows.length, options));
}

/** As `macroWithIntervals`, from given draws of the cases. */
export function macroEstimates(rows: readonly CaseMetrics[], draws: Draws): Record<MetricName, MacroEstimate> {
  return atOnce(macroSteps(rows, draws));
}

/** As `macroEstimates`, a draw a step. */
export function* macroSteps(
  rows: readonly CaseMetrics[],
  draws: Draws,
): Generator<void, Record<MetricName, MacroEstimate>> {
  const values = byMetric((name) => Float64Array.from(rows, ({ metrics }) => metrics[name].value ?? Number.NaN));
  const once = new Float64Array(rows.length).fill(1);
  const drawn = byMetric(() => new Float64Array(draws.length));
  let draw = 0;
  for (const weights of draws) {
    for (const name of METRIC_NAMES) drawn[name][draw] = weightedMean(values[name], weights);
    draw++;
    yield;
  }
  return byMetric((name) => {
    const mean = weightedMean(values[name], once);
    return {
      value: Number.isNaN(mean) ? null : mean,
      ...percentileInterval(drawn[name]),
      cases: values[name].filter((value) => !Number.isNaN(value)).length,
    };
  });
}

/** The mean of the values that are not NaN, each counted by its weight; NaN where there are none. */
function weightedMean(values: Float64Array, weights: Float64Array): number {
  let [sum, total] = [0, 0];
  for (let i = 0; i < values.length; i++) {
    if (Number.isNaN(values[i]!)) continue;
    sum += weights[i]! * values[i]!;
    total += weights[i]!;
  }
  return sum / total;
}
