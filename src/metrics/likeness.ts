/**
 * Whether cases look like those of a training: the distance that few like cases exceed, and the chance that as many as
 * observed exceed it. Both use only the ranks of distances, so they need no assumption about how distances are
 * distributed. They assume that like cases and training cases could be exchanged.
 */
import { type CaseDistribution, type CaseMoments, distanceFrom, distributionOf } from "./case_distribution.ts";

/** At most this share of like cases is beyond the limit. */
export const BEYOND_SHARE = 0.05;

/** With fewer cases, no distance is exceeded by only one in twenty like cases. */
export const FEWEST_CASES = Math.ceil(1 / BEYOND_SHARE) - 1;

/** Cases count as unlike the training's if so many are beyond the limit with less than this chance. */
export const UNLIKE_CHANCE = 0.01;

/**
 * The distance of each case from the others, by leaving it out.
 * @returns undefined if a distribution cannot be fitted
 */
export function distancesLeftOut(cases: readonly CaseMoments[]): number[] | undefined {
  const distances: number[] = [];
  for (const [place, one] of cases.entries()) {
    const others = distributionOf(cases.toSpliced(place, 1));
    if (others === undefined) return undefined;
    distances.push(distanceFrom(others, one));
  }
  return distances;
}

/** The rank of the limit among the distances of n cases, counted from 1 for the smallest. */
const rankOf = (cases: number): number => Math.ceil((1 - BEYOND_SHARE) * (cases + 1) - 1e-9);

/** The share of like cases that is beyond the limit: 5 % or a little less. */
export const expectedShare = (cases: number): number => (cases + 1 - rankOf(cases)) / (cases + 1);

/** The training's cases, and the distance that at most one in twenty like cases exceeds. */
export interface CaseReference extends CaseDistribution {
  readonly cases: number;
  readonly limit: number;
}

/** @returns undefined if there are too few cases, or a statistic is constant */
export function referenceOf(cases: readonly CaseMoments[]): CaseReference | undefined {
  if (cases.length < FEWEST_CASES) return undefined;
  const distances = distancesLeftOut(cases);
  const distribution = distributionOf(cases);
  if (distances === undefined || distribution === undefined) return undefined;
  const sorted = distances.toSorted((one, other) => one - other);
  return { ...distribution, cases: cases.length, limit: sorted[rankOf(cases.length) - 1]! };
}

/**
 * The chance that at least `beyond` of `judged` like cases are beyond the limit of a reference of `cases` cases: the
 * tail of the beta-binomial distribution. It is that of the binomial distribution for an endless number of training
 * cases, and takes into account that the limit of few cases is itself uncertain.
 */
export function chanceOf(beyond: number, judged: number, cases: number): number {
  if (beyond <= 0) return 1;
  const [above, below] = [cases + 1 - rankOf(cases), rankOf(cases)];
  let chance = 1;
  for (let k = 0; k < judged; k++) chance *= (below + k) / (above + below + k);
  let total = 0;
  for (let count = 0; count < judged; count++) {
    if (count >= beyond) total += chance;
    chance *= ((judged - count) / (count + 1)) * ((above + count) / (below + judged - count - 1));
  }
  return Math.min(1, total + chance);
}
