/**
 * PPV and NPV at another prevalence by Bayes' theorem: their values, their influences and their intervals.
 * at_threshold.ts computes them for a set of patches.
 */
import { UserError } from "../util/errors.ts";
import type { Influence } from "./influence.ts";
import { type Interval, intervalOf, type MetricEstimate, marginOf } from "./intervals.ts";
import { npv, ppv } from "./rates.ts";
import type { Spread } from "./spread.ts";

/** Sensitivity and specificity, each from 0 to 1. */
export interface Rates {
  readonly sensitivity: number;
  readonly specificity: number;
}

/** Null if undefined. */
export interface PredictiveValues {
  readonly ppv: number | null;
  readonly npv: number | null;
}

/**
 * PPV and NPV by Bayes' theorem for another fraction of IDC than that of the patches. Sensitivity and specificity are
 * assumed to stay the same. PPV is null if no patch is called IDC, NPV if every patch is.
 * @param prevalence the fraction of patches (not of cases) with IDC, from 0 to 1
 * @throws UserError if the prevalence is not from 0 to 1.
 */
export function predictiveValues({ sensitivity, specificity }: Rates, prevalence: number): PredictiveValues {
  if (!(prevalence >= 0 && prevalence <= 1)) {
    throw new UserError(
      "option-invalid",
      `The prevalence is ${prevalence}: give the share of IDC patches as a number from 0 to 1.`,
    );
  }
  const [tp, fn] = [sensitivity * prevalence, (1 - sensitivity) * prevalence];
  const [tn, fp] = [specificity * (1 - prevalence), (1 - specificity) * (1 - prevalence)];
  const counts = { tn, fp, fn, tp };
  return { ppv: ppv(counts), npv: npv(counts) };
}

/**
 * The influence of a patch on PPV and NPV at a fixed prevalence: the derivative by sensitivity times the influence on
 * sensitivity, plus the same for specificity. Only patches with IDC have an influence on sensitivity, and only those
 * without on specificity.
 * @param onSensitivity the influence on sensitivity of the patches with IDC, by score
 * @param onSpecificity the influence on specificity of the patches without IDC, by score
 */
export function predictiveInfluence(
  { sensitivity, specificity }: Rates,
  prevalence: number,
  onSensitivity: Float64Array,
  onSpecificity: Float64Array,
): { ppv: Influence; npv: Influence } {
  const [missed, alarms, rest] = [1 - sensitivity, 1 - specificity, 1 - prevalence];
  const called = (sensitivity * prevalence + alarms * rest) ** 2;
  const cleared = (specificity * rest + missed * prevalence) ** 2;
  const both = prevalence * rest;
  const of = (bySensitivity: number, bySpecificity: number): Influence => ({
    ofPositive: onSensitivity.map((influence) => bySensitivity * influence),
    ofNegative: onSpecificity.map((influence) => bySpecificity * influence),
  });
  return {
    ppv: of((both * alarms) / called, (both * sensitivity) / called),
    npv: of((both * specificity) / cleared, (both * missed) / cleared),
  };
}

/**
 * The interval of PPV or NPV at a prevalence. If the value is 0 or 1 because sensitivity or specificity is, the bound
 * is Bayes' theorem with the bound of that rate. (A bound on the scale of the predictive value itself would be far too
 * optimistic at a low prevalence.)
 * @param spread of the predictive value; null if it cannot be estimated
 */
export function predictiveInterval(
  name: "ppv" | "npv",
  rates: { readonly sensitivity: MetricEstimate; readonly specificity: MetricEstimate },
  prevalence: number,
  spread: Spread | null,
): Interval {
  const none: Interval = { low: null, high: null };
  const [sensitivity, specificity] = [rates.sensitivity.value, rates.specificity.value];
  if (sensitivity === null || specificity === null || spread === null) return none;
  const value = predictiveValues({ sensitivity, specificity }, prevalence)[name];
  if (value === null) return none;
  if (marginOf(spread) !== null) return intervalOf(value, spread, [0, 1]);
  if (prevalence === 0 || prevalence === 1) return none;
  const bound = (changed: { sensitivity: number | null } | { specificity: number | null }) => {
    const { sensitivity: found, specificity: cleared } = { sensitivity, specificity, ...changed };
    return found === null || cleared === null
      ? null
      : predictiveValues({ sensitivity: found, specificity: cleared }, prevalence)[name];
  };
  if (value === 1) {
    const { low } = name === "ppv" ? rates.specificity : rates.sensitivity;
    return { low: bound(name === "ppv" ? { specificity: low } : { sensitivity: low }), high: 1 };
  }
  if (value === 0) {
    const { high } = name === "ppv" ? rates.sensitivity : rates.specificity;
    return { low: 0, high: bound(name === "ppv" ? { sensitivity: high } : { specificity: high }) };
  }
  return none;
}
