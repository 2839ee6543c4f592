/** The numbers at a threshold, for the slider. */
import { metricsWithIntervals, type Sample } from "../../../../metrics/intervals.ts";
import { predictiveValues } from "../../../../metrics/operating_point.ts";
import { confusionAt } from "../../../../metrics/tally.ts";

export function estimatesByThreshold(sample: Sample) {
  return (threshold: number, prevalences: readonly number[]) => {
    const metrics = metricsWithIntervals(sample, threshold);
    const confusion = confusionAt(sample.labels, sample.probabilities, threshold);
    const none = { low: null, high: null };
    const predictive = prevalences.map((prevalence) => {
      const rates = { sensitivity: metrics.sensitivity.value!, specificity: metrics.specificity.value! };
      const { ppv, npv } = predictiveValues(rates, prevalence);
      return { prevalence, ppv: { value: ppv, ...none }, npv: { value: npv, ...none } };
    });
    return { threshold, confusion, metrics, predictive };
  };
}
