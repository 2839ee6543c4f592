/**
 * The metrics that depend on the threshold, with their intervals, at any threshold: for a slider. What does not depend
 * on the threshold is computed once. The numbers are those of `metricsWithIntervals`, to the last bit.
 */
import type { Influence } from "./influence.ts";
import { intervalOf, layoutOf, type MetricEstimate, type Sample } from "./intervals.ts";
import { predictiveInfluence, predictiveInterval, predictiveValues } from "./predictive_values.ts";
import { type Spread, spreadOfStrata, stratumOf } from "./spread.ts";
import { METRIC_NAMES, METRICS, type Metric, type MetricName, type View, viewOf } from "./table.ts";
import { type Confusion, confusionOf, type Names, tallyOf } from "./tally.ts";

/** The metrics of the table that depend on the threshold. */
export type ThresholdMetric = {
  [Name in MetricName]: (typeof METRICS)[Name]["needs"] extends "threshold" ? Name : never;
}[MetricName];

/** Their names, in the table's order. */
export const THRESHOLD_METRICS = METRIC_NAMES.filter(
  (name): name is ThresholdMetric => METRICS[name].needs === "threshold",
);

/** PPV and NPV by Bayes' theorem at a prevalence; the values are null if undefined. */
export interface PredictiveEstimates {
  /** The fraction of patches with IDC. */
  readonly prevalence: number;
  readonly ppv: MetricEstimate;
  readonly npv: MetricEstimate;
}

/** What holds at one threshold. */
export interface ThresholdEstimates {
  readonly threshold: number;
  readonly confusion: Confusion;
  readonly metrics: Record<ThresholdMetric, MetricEstimate>;
  /** One element per prevalence, in the given order. */
  readonly predictive: readonly PredictiveEstimates[];
}

/**
 * Computes the estimates at a threshold (a patch is predicted positive if its probability >= threshold), and PPV and NPV
 * at the prevalences.
 * @throws UserError if the threshold is not a number or a prevalence is not from 0 to 1.
 */
export type EstimatesAt = (threshold: number, prevalences?: readonly number[]) => ThresholdEstimates;

/** The spread of a metric over its set of patches, from the influence of a patch by its label and call. */
type SpreadOf = (influence: Influence, over: Metric["over"]) => Spread | null;

/**
 * Prepares a sample for any number of thresholds, in O(n log n). Each threshold then takes O(n).
 * @param names the class names for errors
 * @throws UserError as `metricsWithIntervals`.
 */
export function estimatesByThreshold({ labels, probabilities, cases }: Sample, names?: Names): EstimatesAt {
  const tally = tallyOf(labels, probabilities, names);
  const { order, ofPatch, count } = layoutOf(cases, labels, [probabilities]).clusters;
  // The patches without IDC come first, each class by rising probability. So four runs hold tn, fp, fn and tp.
  const clusterOf = order.map((patch) => ofPatch[patch]!);
  const influences = new Float64Array(clusterOf.length);
  const without = tally.negativeCount;
  return (threshold, prevalences = []) => {
    const confusion = confusionOf(tally, threshold);
    const spread: SpreadOf = ({ ofPositive, ofNegative }, over) => {
      influences.fill(ofNegative[CLEARED]!, 0, confusion.tn).fill(ofNegative[CALLED]!, confusion.tn, without);
      influences.fill(ofPositive[CLEARED]!, without, without + confusion.fn);
      influences.fill(ofPositive[CALLED]!, without + confusion.fn);
      const stratum = (from: number, to: number) =>
        stratumOf(influences.subarray(from, to), clusterOf.subarray(from, to), count);
      const [idc, none] = [() => stratum(without, clusterOf.length), () => stratum(0, without)];
      if (over === "both") return spreadOfStrata([idc(), none()]);
      return spreadOfStrata([over === "all" ? stratum(0, clusterOf.length) : over === "idc" ? idc() : none()]);
    };
    const view = viewOfCalls(confusion);
    const metrics = Object.fromEntries(
      THRESHOLD_METRICS.map((name) => [name, estimateOf(name, view, spread)]),
    ) as Record<ThresholdMetric, MetricEstimate>;
    const predictive = prevalences.map((prevalence) => predictiveOf(prevalence, metrics, view, spread));
    return { threshold, confusion, metrics, predictive };
  };
}

/** The places of the two scores of `viewOfCalls`. */
const [CALLED, CLEARED] = [0, 1];

/** The calls as probabilities of 1 and 0: a metric that depends on the threshold sees no difference. */
function viewOfCalls({ tn, fp, fn, tp }: Confusion): View {
  const tally = {
    scores: Float64Array.of(1, 0),
    positives: Float64Array.of(tp, fn),
    negatives: Float64Array.of(fp, tn),
    positiveCount: tp + fn,
    negativeCount: tn + fp,
  };
  return viewOf(tally, 0.5);
}

function estimateOf(name: ThresholdMetric, view: View, spreadOf: SpreadOf): MetricEstimate {
  const metric: Metric = METRICS[name];
  const value = metric.compute(view);
  const spread = value === null ? null : spreadOf(metric.influence(view), metric.over);
  if (value === null || spread === null) return { value, low: null, high: null };
  return { value, ...intervalOf(value, spread, metric.range) };
}

function predictiveOf(
  prevalence: number,
  rates: Record<"sensitivity" | "specificity", MetricEstimate>,
  view: View,
  spreadOf: SpreadOf,
): PredictiveEstimates {
  const [sensitivity, specificity] = [rates.sensitivity.value, rates.specificity.value];
  if (sensitivity === null || specificity === null) {
    const nothing = { value: null, low: null, high: null };
    return { prevalence, ppv: nothing, npv: nothing };
  }
  const values = predictiveValues({ sensitivity, specificity }, prevalence);
  const influence = predictiveInfluence(
    { sensitivity, specificity },
    prevalence,
    METRICS.sensitivity.influence(view).ofPositive,
    METRICS.specificity.influence(view).ofNegative,
  );
  const of = (name: "ppv" | "npv"): MetricEstimate => {
    const spread = values[name] === null ? null : spreadOf(influence[name], "both");
    return { value: values[name], ...predictiveInterval(name, rates, prevalence, spread) };
  };
  return { prevalence, ppv: of("ppv"), npv: of("npv") };
}
