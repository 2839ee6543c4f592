/**
 * Differences of two settings that were trained with several seeds and tested on the same cases, with intervals that
 * cover other cases and other seeds.
 *
 * A difference d of one seed has three sources of variation: the case (the same for all seeds), the seed, and how a
 * seed changes single cases. With S seeds and n cases the variance of the mean difference is
 *
 *     cases / n + seeds / S + both / (n S).
 *
 * The influences averaged over seeds give cases / n + both / (n S); the variance of the d, divided by S, gives
 * seeds / S + both / (n S). Their sum counts the last part twice. It is estimated from the deviations of each seed's
 * influences from the average, and subtracted once. (The same decomposition as for readers and cases in Obuchowski and
 * Rockette, Communications in Statistics: Simulation 24, 1995, 285-308, with seeds instead of readers.)
 */
import type { CaseMetrics } from "./by_case.ts";
import { byMetric, type Layout, type MetricAssessment, type MetricEstimate, marginOf, spreadFor } from "./intervals.ts";
import type { Spread } from "./spread.ts";
import { METRICS, type MetricName } from "./table.ts";

/** A difference averaged over seeds, with its interval. */
export interface SeededDifference extends MetricEstimate {
  /** The number of seeds that define the metric for both settings. With one, the interval covers cases only. */
  readonly seeds: number;
  /** Null if there is no interval. */
  readonly standardError: number | null;
  /** The degrees of freedom of the standard error; null if there is no interval. */
  readonly degrees: number | null;
}

/**
 * The difference of every metric, second minus first, averaged over seeds.
 * @param first [seeds] the first setting on the patches of the layout
 * @param second [seeds] the second setting with the same seeds
 */
export function seededDifferences(
  first: readonly MetricAssessment[],
  second: readonly MetricAssessment[],
  layout: Layout,
): Record<MetricName, SeededDifference> {
  return byMetric((name) => {
    const [lowest, highest] = METRICS[name].range;
    const pairs = first.flatMap((before, seed) => {
      const [one, two] = [before, second[seed]!];
      const [from, to] = [one.values[name].value, two.values[name].value];
      if (from === null || to === null) return [];
      return [{ gap: to - from, change: minus(two.influence[name]!, one.influence[name]!) }];
    });
    const gaps = pairs.map(({ gap }) => gap);
    const changes = pairs.map(({ change }) => change);
    return differenceOf(gaps, changes, (change) => spreadFor(name, change, layout), highest - lowest);
  });
}

/**
 * The difference of a metric's mean over cases, second minus first, averaged over seeds. A case counts if it defines
 * the metric for both settings with all seeds.
 * @param first [seeds] the cases of the first setting, the same for all seeds and both settings
 * @param second [seeds]
 */
export function seededCaseDifference(
  first: readonly (readonly CaseMetrics[])[],
  second: readonly (readonly CaseMetrics[])[],
  name: MetricName,
): SeededDifference {
  const valuesOf = new Map([...first, ...second].map((rows) => [rows, byCase(rows, name)]));
  const all = [...valuesOf.values()];
  const names = [...(all[0]?.keys() ?? [])].sort().filter((one) => all.every((values) => values.has(one)));
  if (names.length === 0) return NOTHING;
  const changes = first.map((rows, seed) => {
    const [from, to] = [valuesOf.get(rows)!, valuesOf.get(second[seed]!)!];
    return Float64Array.from(names, (one) => to.get(one)! - from.get(one)!);
  });
  const gaps = changes.map(meanOf);
  const [lowest, highest] = METRICS[name].range;
  return differenceOf(gaps, changes, spreadOfMean, highest - lowest);
}

const NOTHING = { value: null, low: null, high: null, seeds: 0, standardError: null, degrees: null } as const;

const byCase = (rows: readonly CaseMetrics[], name: MetricName) =>
  new Map(
    rows.flatMap(({ case: own, metrics }) => {
      const { value } = metrics[name];
      return value === null ? [] : [[own, value] as const];
    }),
  );

/** The spread of a mean over cases, each of which counts once. */
function spreadOfMean(values: Float64Array): Spread | null {
  const cases = values.length;
  if (cases < 2) return null;
  return { standardError: Math.sqrt(varianceOf(values) / cases), degrees: cases - 1, effectiveCases: cases };
}

/**
 * @param gaps [seeds]
 * @param changes [seeds][n] what each patch or case contributes
 * @param spreadOver the spread over cases of contributions
 * @param most the largest possible difference
 */
function differenceOf(
  gaps: readonly number[],
  changes: readonly Float64Array[],
  spreadOver: (change: Float64Array) => Spread | null,
  most: number,
): SeededDifference {
  const seeds = gaps.length;
  if (seeds === 0) return NOTHING;
  const value = meanOf(gaps);
  const none = { value, low: null, high: null, seeds, standardError: null, degrees: null };
  const average = averageOf(changes);
  const ofCases = spreadOver(average);
  if (ofCases === null) return none;
  const spread =
    seeds === 1
      ? ofCases
      : overBoth(
          ofCases,
          gaps,
          changes.map((one) => spreadOver(minus(one, average))!),
        );
  const margin = marginOf(spread);
  if (margin === null) return none;
  const { standardError, degrees } = spread;
  return {
    value,
    low: Math.max(value - margin, -most),
    high: Math.min(value + margin, most),
    seeds,
    standardError,
    degrees,
  };
}

/**
 * The spread over cases and seeds. If the seeds vary no more than their part in the cases explains, it is that of the
 * cases. Otherwise the part that is in both is subtracted once, but the variance is never less than that of the cases
 * alone or of the seeds alone. Degrees of freedom: Satterthwaite (1946).
 * @param deviations [seeds] the spread over cases of each seed's deviation from the average
 */
function overBoth(ofCases: Spread, gaps: readonly number[], deviations: readonly Spread[]): Spread {
  const seeds = gaps.length;
  const cases = ofCases.standardError ** 2;
  const between = varianceOf(gaps) / seeds;
  const both = meanOf(deviations.map(({ standardError }) => standardError ** 2)) / (seeds - 1);
  if (between <= both) return ofCases;
  const variance = cases + between - Math.min(both, cases);
  const uncertainty = cases ** 2 / ofCases.degrees + between ** 2 / (seeds - 1);
  return {
    standardError: Math.sqrt(variance),
    degrees: Math.max(1, variance ** 2 / uncertainty),
    effectiveCases: ofCases.effectiveCases,
  };
}

const minus = (a: Float64Array, b: Float64Array): Float64Array => a.map((value, i) => value - b[i]!);

function averageOf(arrays: readonly Float64Array[]): Float64Array {
  const [first, ...others] = arrays;
  if (others.length === 0) return first!;
  const sum = first!.slice();
  for (const other of others) for (let i = 0; i < sum.length; i++) sum[i]! += other[i]!;
  return sum.map((value) => value / arrays.length);
}

const meanOf = (values: ArrayLike<number>): number => {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i]!;
  return sum / values.length;
};

/** With n - 1 in the denominator. */
function varianceOf(values: ArrayLike<number>): number {
  const mean = meanOf(values);
  let squares = 0;
  for (let i = 0; i < values.length; i++) squares += (values[i]! - mean) ** 2;
  return squares / (values.length - 1);
}
