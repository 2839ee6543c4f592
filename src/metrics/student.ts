/** Quantiles of Student's t distribution. Degrees of freedom need not be integers. */

/** Coefficients of Lanczos' approximation with g = 7 (Press et al., Numerical Recipes, 3rd edition, section 6.1). */
const LANCZOS = [
  0.99999999999980993, 676.5203681218851, -1259.1392167224028, 771.32342877765313, -176.61502916214059,
  12.507343278686905, -0.13857109526572012, 9.9843695780195716e-6, 1.5056327351493116e-7,
];

/** After this number of bisection steps, any interval is smaller than a float64's precision. */
const HALVINGS = 200;

/**
 * The quantile of a t distribution, to about 12 digits. The tail probability is the incomplete beta function
 * (Abramowitz & Stegun 1964, 26.7.1); bisection inverts it.
 * @param probability above 0.5, below 1
 * @param degrees of freedom, at least 1
 */
export function studentQuantile(probability: number, degrees: number): number {
  const tail = 2 * (1 - probability);
  let [low, high] = [0, 1];
  // x = degrees / (degrees + t^2) falls from 1 to 0 as t rises from 0.
  for (let i = 0; i < HALVINGS && high - low > 1e-16 * high; i++) {
    const middle = (low + high) / 2;
    if (incompleteBeta(middle, degrees / 2, 0.5) < tail) low = middle;
    else high = middle;
  }
  const x = (low + high) / 2;
  return Math.sqrt((degrees * (1 - x)) / x);
}

/**
 * The regularized incomplete beta function, by its continued fraction (Abramowitz & Stegun 1964, 26.5.8) with Lentz's
 * method.
 */
function incompleteBeta(x: number, a: number, b: number): number {
  if (x > (a + 1) / (a + b + 2)) return 1 - incompleteBeta(1 - x, b, a);
  const front = Math.exp(
    logGamma(a + b) - logGamma(a) - logGamma(b) + a * Math.log(x) + b * Math.log1p(-x) - Math.log(a),
  );
  let [c, d] = [1, 1 / (1 - ((a + b) * x) / (a + 1))];
  let value = d;
  for (let m = 1; m <= 500; m++) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m));
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
    d = 1 / (1 + even * d);
    c = 1 + even / c;
    value *= c * d;
    d = 1 / (1 + odd * d);
    c = 1 + odd / c;
    value *= c * d;
    if (Math.abs(c * d - 1) < 1e-15) break;
  }
  return front * value;
}

function logGamma(x: number): number {
  const t = x + 6.5;
  const series = LANCZOS.slice(1).reduce((sum, coefficient, i) => sum + coefficient / (x + i), LANCZOS[0]!);
  return Math.log(2 * Math.PI) / 2 + (x - 0.5) * Math.log(t) - t + Math.log(series);
}
