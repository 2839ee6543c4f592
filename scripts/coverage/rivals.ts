/**
 * Alternative intervals for AUROC, sensitivity, specificity and balanced accuracy, which were compared before one
 * method was chosen. All of them use only sums per case, so that thousands of resamples are fast. The chosen method is
 * in src/metrics.
 */
import { effectiveNumber } from "../../src/metrics/clusters.ts";
import { intervalOf } from "../../src/metrics/intervals.ts";
import { studentQuantile } from "../../src/metrics/student.ts";
import type { RandomStream } from "../../src/system/random.ts";
import type { Drawn } from "./populations.ts";

export const RIVAL_METRICS = ["auroc", "sensitivity", "specificity", "balanced_accuracy"] as const;
export type RivalMetric = (typeof RIVAL_METRICS)[number];
type Values = Record<RivalMetric, number>;

export const RIVALS = [
  "percentile bootstrap",
  "BCa bootstrap",
  "bootstrap-t",
  "linearization, normal quantile",
  "jackknife, t of effective cases - 1",
  "bias-reduced linearization, Bell-McCaffrey t",
] as const;
export type Rival = (typeof RIVALS)[number];

/**
 * The counts that each case contributes, and [case of the positive][case of the negative] the number of pairs in the
 * right order.
 */
interface Sums {
  readonly tp: Float64Array;
  readonly fn: Float64Array;
  readonly fp: Float64Array;
  readonly tn: Float64Array;
  readonly wins: Float64Array;
}

const DRAWS = 1000;
const UNIT = [0, 1] as const;

/** The interval of each metric by each method; NaN at both ends if the method failed. */
export function rivalIntervals(
  drawn: Drawn,
  threshold: number,
  stream: RandomStream,
): Record<Rival, Record<RivalMetric, readonly [number, number]>> {
  const sums = sumsOf(drawn, threshold);
  const count = sums.tp.length;
  const once = new Float64Array(count).fill(1);
  const whole = weighted(sums, once);
  const left = Array.from({ length: count }, (_, i) => weighted(sums, once.with(i, 0)));
  const draws = Array.from({ length: DRAWS }, () => {
    const weights = new Float64Array(count);
    for (let i = 0; i < count; i++) weights[stream.integer(count)]! += 1;
    const drawnOnce = weighted(sums, weights);
    return { values: drawnOnce.values, errors: errorsOf(drawnOnce, weights) };
  });
  const errors = errorsOf(whole, once);
  const of = (make: (name: RivalMetric) => readonly [number, number]) =>
    Object.fromEntries(RIVAL_METRICS.map((name) => [name, make(name)])) as Record<
      RivalMetric,
      readonly [number, number]
    >;
  const sorted = (values: number[]) => values.filter((value) => !Number.isNaN(value)).sort((a, b) => a - b);
  const symmetric = (name: RivalMetric, error: number, degrees: number): readonly [number, number] => {
    const spread = { standardError: error, degrees, effectiveCases: count };
    const { low, high } = intervalOf(whole.values[name], spread, UNIT);
    return [low ?? Number.NaN, high ?? Number.NaN];
  };
  return {
    "percentile bootstrap": of((name) => {
      const values = sorted(draws.map((draw) => draw.values[name]));
      return [quantile(values, 0.025), quantile(values, 0.975)];
    }),
    "BCa bootstrap": of((name) =>
      bca(
        whole.values[name],
        left.map(({ values }) => values[name]),
        sorted(draws.map((draw) => draw.values[name])),
      ),
    ),
    "bootstrap-t": of((name) => {
      const value = whole.values[name];
      const pivots = sorted(draws.map((draw) => (draw.values[name] - value) / draw.errors[name]));
      const end = (share: number) => Math.min(Math.max(value - quantile(pivots, share) * errors[name], 0), 1);
      return [end(0.975), end(0.025)];
    }),
    "linearization, normal quantile": of((name) => symmetric(name, errors[name], 1e6)),
    "jackknife, t of effective cases - 1": of((name) => {
      const gaps = left.map(({ values }) => (values[name] - whole.values[name]) ** 2);
      const error = Math.sqrt(((count - 1) / count) * gaps.reduce((sum, gap) => sum + gap, 0));
      const own = sharesOf(whole, name).map((shares) => effectiveNumber(shares));
      return symmetric(name, error, own.reduce((sum, one) => sum + one, 0) / own.length - 1);
    }),
    "bias-reduced linearization, Bell-McCaffrey t": of((name) => {
      const parts = sharesOf(whole, name).map(bellMcCaffrey);
      const error = Math.sqrt(
        whole.influence[name].reduce((sum, part, i) => {
          const own = part.reduce((total, influence, set) => total + influence / Math.sqrt(parts[set]!.kept[i]!), 0);
          return sum + own ** 2;
        }, 0),
      );
      return symmetric(name, error, Math.min(...parts.map(({ degrees }) => degrees)));
    }),
  };
}

function sumsOf({ labels, caseOf, answers: [probabilities] }: Drawn, threshold: number): Sums {
  const count = caseOf.reduce((most, index) => Math.max(most, index), 0) + 1;
  const [tp, fn, fp, tn, below] = [0, 1, 2, 3, 4].map(() => new Float64Array(count)) as [
    Float64Array,
    Float64Array,
    Float64Array,
    Float64Array,
    Float64Array,
  ];
  const wins = new Float64Array(count * count);
  // Ties have probability zero for real-valued scores.
  const order = Uint32Array.from(labels, (_, patch) => patch).sort((a, b) => probabilities[a]! - probabilities[b]!);
  for (const patch of order) {
    const own = caseOf[patch]!;
    const isCalled = probabilities[patch]! >= threshold;
    if (labels[patch] === 1) {
      (isCalled ? tp : fn)[own]! += 1;
      for (let other = 0; other < count; other++) wins[own * count + other]! += below[other]!;
    } else {
      (isCalled ? fp : tn)[own]! += 1;
      below[own]! += 1;
    }
  }
  return { tp, fn, fp, tn, wins };
}

interface Weighted {
  readonly values: Values;
  /** [cases][sets] The influence of each case, separately for each set of patches that the metric is a mean over. */
  readonly influence: Record<RivalMetric, readonly (readonly number[])[]>;
  readonly shares: { readonly idc: Float64Array; readonly none: Float64Array };
}

function weighted({ tp, fn, fp, tn, wins }: Sums, weights: Float64Array): Weighted {
  const count = weights.length;
  const sum = (values: Float64Array) => values.reduce((total, value, i) => total + weights[i]! * value, 0);
  const [TP, FN, FP, TN] = [sum(tp), sum(fn), sum(fp), sum(tn)];
  const [positives, negatives] = [TP + FN, FP + TN];
  const [rows, columns] = [new Float64Array(count), new Float64Array(count)];
  for (let i = 0; i < count; i++) {
    for (let j = 0; j < count; j++) {
      const won = wins[i * count + j]!;
      rows[i]! += weights[j]! * won;
      columns[j]! += weights[i]! * won;
    }
  }
  const auroc = sum(rows) / (positives * negatives);
  const [found, cleared] = [TP / positives, TN / negatives];
  const indices = [...weights.keys()];
  const byFound = indices.map((i) => (tp[i]! - found * (tp[i]! + fn[i]!)) / positives);
  const byCleared = indices.map((i) => (tn[i]! - cleared * (tn[i]! + fp[i]!)) / negatives);
  return {
    values: { auroc, sensitivity: found, specificity: cleared, balanced_accuracy: (found + cleared) / 2 },
    influence: {
      auroc: indices.map((i) => [
        (rows[i]! / negatives - auroc * (tp[i]! + fn[i]!)) / positives,
        (columns[i]! / positives - auroc * (tn[i]! + fp[i]!)) / negatives,
      ]),
      sensitivity: byFound.map((one) => [one]),
      specificity: byCleared.map((one) => [one]),
      balanced_accuracy: indices.map((i) => [byFound[i]! / 2, byCleared[i]! / 2]),
    },
    shares: {
      idc: tp.map((own, i) => (own + fn[i]!) / positives),
      none: tn.map((own, i) => (own + fp[i]!) / negatives),
    },
  };
}

/** The standard errors of the sandwich estimator. */
function errorsOf({ influence }: Weighted, weights: Float64Array): Values {
  const of = (name: RivalMetric) =>
    Math.sqrt(influence[name].reduce((sum, parts, i) => sum + weights[i]! * parts.reduce((a, b) => a + b, 0) ** 2, 0));
  return Object.fromEntries(RIVAL_METRICS.map((name) => [name, of(name)])) as Values;
}

function sharesOf({ shares }: Weighted, name: RivalMetric): Float64Array[] {
  if (name === "sensitivity") return [shares.idc];
  return name === "specificity" ? [shares.none] : [shares.idc, shares.none];
}

/**
 * The share of each case's variance that remains in its residual, and the degrees of freedom of Bell & McCaffrey for
 * cases with equal variances.
 */
function bellMcCaffrey(shares: Float64Array): { kept: number[]; degrees: number } {
  const squares = shares.reduce((sum, share) => sum + share ** 2, 0);
  const kept = Array.from(shares, (share) => 1 - 2 * share + squares);
  const weights = Array.from(shares, (share, i) => share ** 2 / kept[i]!);
  let [mean, variance] = [0, 0];
  for (const [i, a] of weights.entries()) {
    mean += a * kept[i]!;
    for (const [j, b] of weights.entries()) {
      const together = Number(i === j) - shares[i]! - shares[j]! + squares;
      variance += 2 * a * b * together ** 2;
    }
  }
  return { kept, degrees: (2 * mean ** 2) / variance };
}

/** The BCa interval (Efron 1987). The acceleration comes from leaving out one case at a time. */
function bca(value: number, left: readonly number[], rising: readonly number[]): readonly [number, number] {
  const mean = left.reduce((sum, one) => sum + one, 0) / left.length;
  const gaps = left.map((one) => mean - one);
  const moment = (power: number) => gaps.reduce((sum, gap) => sum + gap ** power, 0);
  const acceleration = moment(3) / (6 * moment(2) ** 1.5);
  const share = rising.filter((one) => one < value).length / rising.length;
  const bias = normalQuantile(Math.min(Math.max(share, 0.001), 0.999));
  const at = (z: number) => normalShare(bias + (bias + z) / (1 - acceleration * (bias + z)));
  return [quantile(rising, at(-1.959964)), quantile(rising, at(1.959964))];
}

const normalQuantile = (share: number): number =>
  share >= 0.5 ? (share === 0.5 ? 0 : studentQuantile(share, 1e6)) : -studentQuantile(1 - share, 1e6);

/** The share of the normal distribution below z, computed by a series (Marsaglia 2004). */
function normalShare(z: number): number {
  if (Math.abs(z) > 7) return z > 0 ? 1 : 0;
  let [sum, term] = [z, z];
  for (let i = 3; Math.abs(term) > 1e-17; i += 2) {
    term *= (z * z) / i;
    sum += term;
  }
  return 0.5 + (sum * Math.exp((-z * z) / 2)) / Math.sqrt(2 * Math.PI);
}

function quantile(rising: readonly number[], share: number): number {
  const place = share * (rising.length - 1);
  const [lower, upper] = [rising[Math.floor(place)]!, rising[Math.ceil(place)]!];
  return lower + (upper - lower) * (place - Math.floor(place));
}
