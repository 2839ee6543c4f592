/**
 * Estimates how much a metric would vary with other cases: its standard error and degrees of freedom, from the
 * influence of each patch. intervals.ts computes intervals from them.
 *
 * A case's mean influence z has two sources of variance: between cases (variance a, the same for cases of every size)
 * and, as a mean of n patches, within the case (variance b / n). Every case contributes to the estimate of a. The
 * standard error of a metric that a few large cases dominate therefore does not depend on these few cases alone. The
 * residuals are pooled over the clusters as in Pan (2001, Biometrika 88, 901-906), with the variance components of an
 * unbalanced one-way layout.
 */
import { type Clusters, effectiveNumber } from "./clusters.ts";

/** The influence of the patches of one set, by case. The arrays have one element per cluster. */
export interface Stratum {
  /** The number of the set's patches in each case. */
  readonly sizes: Float64Array;
  /** Sizes as fractions of all patches of the set. */
  readonly shares: Float64Array;
  /**
   * The mean influence of each case's patches, in units of the metric: the metric changes by the sum of share x mean.
   */
  readonly means: Float64Array;
  /** The number of cases with patches of the set. */
  readonly cases: number;
  /** The variance of single patches within a case. */
  readonly within: number;
}

/** A stratum with its fitted variances. */
interface StratumFit extends Stratum {
  readonly between: number;
  /** The variance of each case's mean; 0 for a case without patches of the set. */
  readonly variances: Float64Array;
  /** Sum of squared shares. */
  readonly concentration: number;
  /** The weight of each case in the estimate of `between`; the weights sum to 1. */
  readonly weights: Float64Array;
}

/** The variation of a metric between samples of cases. */
export interface Spread {
  readonly standardError: number;
  /**
   * Degrees of freedom of the standard error (Satterthwaite 1946): the number of equally informative cases behind it.
   */
  readonly degrees: number;
  /** The effective number of cases; for a metric over both classes, the smaller of the two. */
  readonly effectiveCases: number;
}

/**
 * The spread of a metric.
 * @param influence [n] the influence of each patch
 * @param sets [n] for each set over which the metric is a mean: 1 if the patch is in it. No patch may be in two sets.
 * @returns null if the patches of a set come from fewer than two cases.
 */
export function spreadOf(influence: Float64Array, sets: readonly Uint8Array[], clusters: Clusters): Spread | null {
  const strata = sets.map((set) => {
    const members = clusters.order.filter((patch) => set[patch] === 1);
    const ofMembers = Float64Array.from(members, (patch) => influence[patch]!);
    return stratumOf(
      ofMembers,
      members.map((patch) => clusters.ofPatch[patch]!),
      clusters.count,
    );
  });
  return spreadOfStrata(strata);
}

/**
 * As `spreadOf`, for the strata of the sets.
 * @param strata one or two
 */
export function spreadOfStrata(strata: readonly Stratum[]): Spread | null {
  if (strata.some(({ cases }) => cases < 2)) return null;
  const [one, two] = strata.map(fittedTo) as [StratumFit, StratumFit | undefined];
  const covariance = two ? covarianceOf(one, two) : 0;
  const both = two ? 2 * dot(one.shares, two.shares) : 0;
  const variance = varianceOf(one) + (two ? varianceOf(two) : 0) + both * covariance;
  const uncertainty = uncertaintyOf(one, two, { covariance, both });
  const cases = Math.min(...strata.map((stratum) => stratum.cases));
  return {
    standardError: Math.sqrt(Math.max(variance, 0)),
    degrees: Math.max(1, Math.min(cases - 1, uncertainty === 0 ? cases - 1 : (2 * variance ** 2) / uncertainty)),
    effectiveCases: Math.min(...strata.map(({ sizes }) => effectiveNumber(sizes))),
  };
}

/**
 * The patches of one set by case.
 * @param influence [members] the influence of each patch, in the order of the clusters
 * @param clusterOf [members] the cluster of each patch, in the same order
 */
export function stratumOf(influence: Float64Array, clusterOf: Uint32Array, count: number): Stratum {
  const [sizes, means] = [new Float64Array(count), new Float64Array(count)];
  const total = influence.length;
  for (let i = 0; i < total; i++) {
    sizes[clusterOf[i]!]! += 1;
    means[clusterOf[i]!]! += influence[i]!;
  }
  const cases = sizes.filter((size) => size > 0).length;
  for (let i = 0; i < count; i++) if (sizes[i]! > 0) means[i]! *= total / sizes[i]!;
  let squares = 0;
  for (let i = 0; i < total; i++) squares += (influence[i]! * total - means[clusterOf[i]!]!) ** 2;
  const within = total > cases ? squares / (total - cases) : 0;
  return { sizes, shares: sizes.map((size) => size / total), means, cases, within };
}

/**
 * Fits the variance between cases by maximum likelihood of the squared means under a normal distribution; at least 0. A
 * case pulls the metric towards itself, so its expected squared mean is smaller than its variance: variance x (1 - 2
 * share) + the metric's variance.
 */
function fittedTo(stratum: Stratum): StratumFit {
  const { sizes, shares, means, within } = stratum;
  const members = Uint32Array.from(sizes.keys()).filter((i) => sizes[i]! > 0);
  const concentration = dot(shares, shares);
  const withinOf = sizes.map((size) => within / size);
  const noise = members.reduce((sum, i) => sum + shares[i]! ** 2 * withinOf[i]!, 0);
  // The slope of the likelihood, up to a positive factor. It is computed some 50 times, so it is a plain loop.
  const slope = (between: number) => {
    let sum = 0;
    for (let member = 0; member < members.length; member++) {
      const i = members[member]!;
      const variance = between + withinOf[i]!;
      const expected = (variance * (1 - 2 * shares[i]!) + concentration * between + noise) / variance;
      sum += (means[i]! ** 2 / expected - variance) / variance ** 2;
    }
    return sum;
  };
  const between = fallingRoot(slope, dot(means, means));
  const variances = sizes.map((size, i) => (size > 0 ? between + withinOf[i]! : 0));
  const weights = variances.map((variance) => (variance > 0 ? variance ** -2 : 0));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return {
    ...stratum,
    between,
    variances,
    concentration,
    weights: total > 0 ? weights.map((weight) => weight / total) : weights,
  };
}

/** The root of a function that is negative for large arguments; 0 if the function is not positive near 0. */
function fallingRoot(of: (x: number) => number, scale: number): number {
  const smallest = 1e-15 * scale;
  if (scale === 0 || of(smallest) <= 0) return 0;
  let [low, high] = [smallest, scale];
  while (of(high) > 0) high *= 2;
  while (high - low > 1e-12 * high) {
    const middle = (low + high) / 2;
    if (of(middle) > 0) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

const varianceOf = ({ shares, variances }: StratumFit): number =>
  shares.reduce((sum, share, i) => sum + share ** 2 * variances[i]!, 0);

/**
 * The covariance of the two sets' case means: the weighted mean of their products, limited by the Cauchy-Schwarz bound.
 */
function covarianceOf(one: StratumFit, two: StratumFit): number {
  const common = dot(one.shares, two.shares);
  let [products, expected] = [0, 0];
  for (let i = 0; i < one.sizes.length; i++) {
    const weight = crossWeight(one, two, i);
    products += weight * one.means[i]! * two.means[i]!;
    expected += weight * (1 - one.shares[i]! - two.shares[i]! + common);
  }
  const bound = Math.sqrt(one.between * two.between);
  return expected > 0 ? Math.min(Math.max(products / expected, -bound), bound) : 0;
}

/** The weight of a case in the estimate of the covariance. */
const crossWeight = ({ variances }: StratumFit, { variances: others }: StratumFit, i: number): number =>
  variances[i]! > 0 && others[i]! > 0 ? 1 / (variances[i]! * others[i]!) : 0;

/**
 * The variance of the estimated variance. The estimate is a sum over cases of quadratic forms m' Q m in the case's
 * means m. Under a normal distribution with covariance S, its variance is the sum of 2 tr(Q S Q S).
 */
function uncertaintyOf(
  one: StratumFit,
  two: StratumFit | undefined,
  { covariance, both }: { covariance: number; both: number },
): number {
  if (!two) return one.weights.reduce((sum, w, i) => sum + 2 * (one.concentration * w * one.variances[i]!) ** 2, 0);
  const cross = one.sizes.map((_, i) => crossWeight(one, two, i));
  const total = cross.reduce((sum, weight) => sum + weight, 0);
  return one.sizes.reduce((sum, _, i) => {
    const [q1, q2] = [one.concentration * one.weights[i]!, two.concentration * two.weights[i]!];
    const qx = total > 0 ? ((both / 2) * cross[i]!) / total : 0;
    const [s1, s2, sx] = [one.variances[i]!, two.variances[i]!, cross[i]! > 0 ? covariance : 0];
    const [m11, m12] = [q1 * s1 + qx * sx, q1 * sx + qx * s2];
    const [m21, m22] = [qx * s1 + q2 * sx, qx * sx + q2 * s2];
    return sum + 2 * (m11 ** 2 + 2 * m12 * m21 + m22 ** 2);
  }, 0);
}

const dot = (a: Float64Array, b: Float64Array): number => a.reduce((sum, value, i) => sum + value * b[i]!, 0);
