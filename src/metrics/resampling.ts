/**
 * Resampling by case: whole cases are drawn with replacement, the patches counted again by how often theirs was drawn, and an
 * interval read off the values that come of it; what is computed from the counts is left to others.
 *
 * Patches of one case are alike, so that resampling single patches would promise a precision that is not there.
 */
import { UserError } from "../util/errors.ts";
import { counted } from "../util/numbers.ts";
import { RandomStream } from "../util/random.ts";
import { type Tally, tallyOf } from "./counting.ts";

/** Which patches are drawn together: those of one case; a patch without one is a cluster of its own. */
export interface Clusters {
  readonly count: number;
  /** [patches] The cluster of each patch. */
  readonly ofPatch: Uint32Array;
}

/** Draws, each as how often it holds each cluster: [draws][clusters]. What is handed out may be overwritten by the next one. */
export interface Draws extends Iterable<Float64Array> {
  readonly length: number;
}

export interface DrawOptions {
  /** [2000] */
  readonly draws?: number;
  /** [42] */
  readonly seed?: number;
}

/** Where an interval lies, and how many draws could not be used for it. */
export interface Interval {
  readonly low: number | null;
  readonly high: number | null;
  readonly undefinedDraws: number;
}

const DEFAULT_DRAWS = 2000;
const DEFAULT_SEED = 42;

/** What the interval leaves out at each end: it holds 95 % of the draws. */
const TAIL = 0.025;

/** With fewer draws than this none is expected in a tail. */
const LEAST_DRAWS = 1 / TAIL;

/**
 * The clusters of patches by the names of their cases, in the order of the names (by UTF-16 unit), then the patches whose case
 * is "" in the order of their keys: the order of the patches plays no part.
 * @param keys [keys][n] numbers that tell patches apart as far as it matters: label, probabilities
 * @throws UserError where there is not one case a patch.
 */
export function clustersOf(cases: readonly string[], keys: readonly ArrayLike<number>[]): Clusters {
  for (const key of keys) checkCases(cases, key.length);
  const names = [...new Set(cases)].filter((name) => name !== "").sort();
  const places = new Map(names.map((name, place) => [name, place]));
  const ofPatch = Uint32Array.from(cases, (name) => places.get(name) ?? 0);
  const alone = cases.flatMap((name, patch) => (name === "" ? [patch] : []));
  alone.sort((a, b) => keys.reduce((order, key) => order || key[a]! - key[b]!, 0));
  for (const [place, patch] of alone.entries()) ofPatch[patch] = names.length + place;
  return { count: names.length + alone.length, ofPatch };
}

/** @throws UserError where there is not one case a patch. */
export function checkCases(cases: readonly string[], patches: number): void {
  if (cases.length === patches) return;
  throw new UserError(
    `${counted(cases.length, "case")} came with ${counted(patches, "patch")}: give one case a patch, "" for none.`,
  );
}

/**
 * As many clusters as there are, drawn with replacement, again and again; the same draws each time it is gone through. Of fewer
 * than two clusters there is nothing to draw.
 * @throws UserError where the number of draws is not a whole one from 40.
 */
export function clusterDraws(count: number, { draws = DEFAULT_DRAWS, seed = DEFAULT_SEED }: DrawOptions = {}): Draws {
  if (!Number.isInteger(draws) || draws < LEAST_DRAWS) {
    throw new UserError(`${draws} draws make no 95 % interval: give a whole number from ${LEAST_DRAWS}, such as 2000.`);
  }
  const length = count < 2 ? 0 : draws;
  return {
    length,
    *[Symbol.iterator]() {
      const stream = new RandomStream(seed, "case bootstrap");
      const weights = new Float64Array(count);
      for (let draw = 0; draw < length; draw++) {
        weights.fill(0);
        for (let i = 0; i < count; i++) weights[stream.integer(count)]! += 1;
        yield weights;
      }
    },
  };
}

/**
 * Sorts the patches once; what it gives counts them, each as often as its cluster's weight says, in O(n). The tally's scores
 * are always those of all patches, and its counts are overwritten by the next call.
 * @throws UserError as `tallyOf`.
 */
export function recounter(
  labels: ArrayLike<number>,
  probabilities: ArrayLike<number>,
  { ofPatch }: Clusters,
): (weights: Float64Array) => Tally {
  const { scores, positiveCount: withIdc } = tallyOf(labels, probabilities);
  const counts = new Float64Array(2 * scores.length);
  const [positives, negatives] = [counts.subarray(0, scores.length), counts.subarray(scores.length)];
  const placeByScore = new Map(Array.from(scores, (score, place) => [score, place]));
  const placeOf = (patch: number) =>
    placeByScore.get(probabilities[patch]!)! + (labels[patch] === 1 ? 0 : scores.length);
  const placeOfPatch = Uint32Array.from(ofPatch, (_, patch) => placeOf(patch));
  // In the order of the places memory is read and written from end to end, the patches with IDC first.
  const order = Uint32Array.from(ofPatch, (_, patch) => patch).sort((a, b) => placeOfPatch[a]! - placeOfPatch[b]!);
  const places = order.map((patch) => placeOfPatch[patch]!);
  const owners = order.map((patch) => ofPatch[patch]!);
  const add = (from: number, to: number, weights: Float64Array) => {
    let sum = 0;
    for (let i = from; i < to; i++) {
      const weight = weights[owners[i]!]!;
      counts[places[i]!]! += weight;
      sum += weight;
    }
    return sum;
  };
  return (weights) => {
    counts.fill(0);
    const positiveCount = add(0, withIdc, weights);
    const negativeCount = add(withIdc, order.length, weights);
    return { scores, positives, negatives, positiveCount, negativeCount };
  };
}

/**
 * The 95 % percentile interval (Efron & Tibshirani 1993, chapter 13) of the values of draws, NaN where one is undefined. Such
 * draws are left out and counted; where they are more than half there is no interval, as the others would tell of a choice and
 * not of chance, nor where there are no draws. Between two values it interpolates, as numpy's percentile.
 */
export function percentileInterval(values: Float64Array): Interval {
  const defined = values.filter((value) => !Number.isNaN(value)).sort();
  const undefinedDraws = values.length - defined.length;
  if (defined.length === 0 || undefinedDraws > values.length / 2) return { low: null, high: null, undefinedDraws };
  return { low: quantile(defined, TAIL), high: quantile(defined, 1 - TAIL), undefinedDraws };
}

/** @param rising at least one value */
function quantile(rising: Float64Array, share: number): number {
  const place = share * (rising.length - 1);
  const below = Math.floor(place);
  const [lower, upper] = [rising[below]!, rising[Math.min(below + 1, rising.length - 1)]!];
  return lower + (upper - lower) * (place - below);
}
