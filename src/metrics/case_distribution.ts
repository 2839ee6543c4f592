/**
 * How the means of a case's patches are distributed over cases, and how far a case is from them. A case is a random
 * draw from the cases, and its patches are random draws within the case (a random-effects model). So the mean of n
 * patches has the covariance between + within / n, and a small case may be farther away than a large one.
 */
import { choleskyFactor, eigenOf, inverseOfLower } from "./symmetric_matrix.ts";

/** The patches of one case in sums. */
export interface CaseMoments {
  /** The number of patches, at least 1. */
  readonly count: number;
  /** [width] The mean of the patches. */
  readonly mean: readonly number[];
  /** [width][width] The sum over the patches of the products of the distances from the mean. */
  readonly scatter: readonly (readonly number[])[];
}

export interface CaseDistribution {
  /** [width] The mean over cases of their means. */
  readonly center: readonly number[];
  /** [width][width] Each row maps a difference from the center to one axis. Within a case, axes have variance 1. */
  readonly axes: readonly (readonly number[])[];
  /** [width] The variance between cases on each axis. */
  readonly between: readonly number[];
}

/** @param patches [count][width] the statistics of the patches of a case */
export function momentsOf(patches: readonly ArrayLike<number>[]): CaseMoments {
  const count = patches.length;
  const places = Array.from({ length: patches[0]!.length }, (_, place) => place);
  const mean = places.map((place) => patches.reduce((sum, patch) => sum + patch[place]!, 0) / count);
  const scatter = places.map(() => places.map(() => 0));
  for (const patch of patches) {
    const apart = mean.map((value, place) => patch[place]! - value);
    for (const [row, sums] of scatter.entries()) for (const k of places) sums[k]! += apart[row]! * apart[k]!;
  }
  return { count, mean, scatter };
}

/** Less variance between cases than this share of that within cases counts as this share: it cannot be estimated. */
const LEAST_BETWEEN = 0.02;

/**
 * Fits the distribution. The covariance between cases is shrunk towards that within cases (Ledoit & Wolf 2004), because
 * there are few cases for so many statistics.
 * @returns undefined if a statistic is constant within cases, or there are too few patches
 */
export function distributionOf(cases: readonly CaseMoments[]): CaseDistribution | undefined {
  const width = cases[0]!.mean.length;
  const places = Array.from({ length: width }, (_, place) => place);
  const degrees = cases.reduce((sum, { count }) => sum + count, 0) - cases.length;
  const within = places.map((row) =>
    places.map((k) => cases.reduce((sum, { scatter }) => sum + scatter[row]![k]!, 0) / degrees),
  );
  const factor = degrees > 0 ? choleskyFactor(within) : undefined;
  if (factor === undefined) return undefined;
  const whitening = inverseOfLower(factor);
  const center = places.map((place) => cases.reduce((sum, { mean }) => sum + mean[place]!, 0) / cases.length);
  const scaled = cases.map(({ mean }) => applied(whitening, apartFrom(mean, center)));
  const { values, vectors } = eigenOf(covarianceOf(scaled));
  const expectedNoise = cases.reduce((sum, { count }) => sum + 1 / count, 0) / cases.length;
  return {
    center,
    axes: vectors.map((vector) =>
      places.map((k) => places.reduce((sum, row) => sum + vector[row]! * whitening[row]![k]!, 0)),
    ),
    between: shrunk(values, scaled).map((value) => Math.max(value - expectedNoise, LEAST_BETWEEN)),
  };
}

/** The Mahalanobis distance of a case from the center of the distribution. */
export function distanceFrom(
  { center, axes, between }: CaseDistribution,
  { mean, count }: Pick<CaseMoments, "mean" | "count">,
): number {
  const along = applied(axes, apartFrom(mean, center));
  return Math.sqrt(along.reduce((sum, value, axis) => sum + value ** 2 / (between[axis]! + 1 / count), 0));
}

/** Eigenvalues of the covariance of `rows`, shrunk towards their mean with Ledoit and Wolf's intensity. */
function shrunk(values: readonly number[], rows: readonly (readonly number[])[]): number[] {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const spread = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  const covariance = covarianceOf(rows);
  const squared = values.reduce((sum, value) => sum + value ** 2, 0);
  const noise = rows.reduce((sum, row) => {
    const length = row.reduce((total, value) => total + value ** 2, 0);
    const across = applied(covariance, row).reduce((total, value, place) => total + value * row[place]!, 0);
    return sum + length ** 2 - 2 * across + squared;
  }, 0);
  const intensity = spread > 0 ? Math.min(1, noise / rows.length ** 2 / spread) : 1;
  return values.map((value) => (1 - intensity) * value + intensity * mean);
}

/** The covariance of rows whose mean is 0, with n - 1 in the denominator. */
function covarianceOf(rows: readonly (readonly number[])[]): number[][] {
  const places = Array.from({ length: rows[0]!.length }, (_, place) => place);
  return places.map((i) =>
    places.map((k) => rows.reduce((sum, row) => sum + row[i]! * row[k]!, 0) / (rows.length - 1)),
  );
}

const apartFrom = (values: readonly number[], center: readonly number[]): number[] =>
  values.map((value, place) => value - center[place]!);

const applied = (matrix: readonly (readonly number[])[], vector: readonly number[]): number[] =>
  matrix.map((row) => row.reduce((sum, value, place) => sum + value * vector[place]!, 0));
