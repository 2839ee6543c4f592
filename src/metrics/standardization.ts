/**
 * Scales features to mean 0 and standard deviation 1, in place. The means and deviations are measured on some rows and
 * applied to all.
 */

export interface Standardization {
  /** [width] */
  readonly means: readonly number[];
  /** [width] Standard deviations, with n in the denominator; 1 for a constant feature. */
  readonly scales: readonly number[];
}

/**
 * Measures the means and standard deviations.
 * @param features [n, width], row-major, n at least 1
 */
export function standardizationOf(features: Float32Array | Float64Array, width: number): Standardization {
  const rows = features.length / width;
  const means = new Float64Array(width);
  for (let first = 0; first < features.length; first += width) {
    for (let i = 0; i < width; i++) means[i]! += features[first + i]! / rows;
  }
  const variances = new Float64Array(width);
  for (let first = 0; first < features.length; first += width) {
    for (let i = 0; i < width; i++) variances[i]! += (features[first + i]! - means[i]!) ** 2 / rows;
  }
  return {
    means: [...means],
    scales: Array.from(variances, (variance, i) => {
      // Smaller deviations are rounding errors of float32; dividing by them would amplify noise.
      const smallest = 1e-6 * Math.abs(means[i]!);
      return Math.sqrt(variance) > smallest ? Math.sqrt(variance) : 1;
    }),
  };
}

/** Standardizes rows in place. */
export function standardize(features: Float32Array | Float64Array, { means, scales }: Standardization): void {
  const width = means.length;
  const [offsets, factors] = [Float64Array.from(means), Float64Array.from(scales, (scale) => 1 / scale)];
  for (let first = 0; first < features.length; first += width) {
    for (let i = 0; i < width; i++) features[first + i] = (features[first + i]! - offsets[i]!) * factors[i]!;
  }
}
