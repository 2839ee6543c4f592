/** Logistic regression of few features: the weights of the least log loss. */

export interface LogisticModel {
  /** [features] */
  readonly weights: number[];
  readonly bias: number;
}

/** Newton's method needs about ten steps; more mean that it goes nowhere. */
const MOST_STEPS = 100;
const SMALL_STEP = 1e-9;

/**
 * Weights and bias with the least sum of log losses + ridge / 2 * |weights|^2, by Newton's method (iteratively reweighted
 * least squares; Hastie, Tibshirani & Friedman 2009, section 4.4.1). The bias is not shrunk.
 * @param features [n, width] row by row
 * @param labels [n] 1 for IDC, 0 for none
 * @throws Error where it does not converge: the features part the classes and ridge is 0.
 */
export function fitLogisticRegression(
  features: Float64Array,
  labels: ArrayLike<number>,
  { width, ridge }: { readonly width: number; readonly ridge: number },
): LogisticModel {
  const solution = new Float64Array(width + 1);
  for (let step = 0; step < MOST_STEPS; step++) {
    const { gradient, hessian } = derivatives(features, labels, solution);
    for (let i = 0; i < width; i++) {
      gradient[i]! += ridge * solution[i]!;
      hessian[i]![i]! += ridge;
    }
    const change = solve(hessian, gradient);
    for (const [i, value] of change.entries()) solution[i]! -= value;
    if (Math.hypot(...change) < SMALL_STEP) {
      return { weights: [...solution.subarray(0, width)], bias: solution[width]! };
    }
  }
  throw new Error("The logistic regression does not converge.");
}

/** The log loss's gradient [width + 1] and second derivatives; the bias is the last, as if of a feature that is always 1. */
function derivatives(features: Float64Array, labels: ArrayLike<number>, solution: Float64Array) {
  const size = solution.length;
  const gradient = new Float64Array(size);
  const hessian = Array.from({ length: size }, () => new Float64Array(size));
  const row = new Float64Array(size).fill(1);
  for (let n = 0; n < labels.length; n++) {
    row.set(features.subarray(n * (size - 1), (n + 1) * (size - 1)));
    const score = row.reduce((sum, value, i) => sum + value * solution[i]!, 0);
    const probability = 1 / (1 + Math.exp(-score));
    const weight = probability * (1 - probability);
    for (let i = 0; i < size; i++) {
      gradient[i]! += row[i]! * (probability - labels[n]!);
      for (let j = 0; j < size; j++) hessian[i]![j]! += weight * row[i]! * row[j]!;
    }
  }
  return { gradient, hessian };
}

/** The solution of a symmetric positive system, by Gaussian elimination with pivots. */
function solve(matrix: readonly Float64Array[], right: Float64Array): Float64Array {
  const size = right.length;
  const rows = matrix.map((row, i) => Float64Array.of(...row, right[i]!));
  for (let column = 0; column < size; column++) {
    let best = column;
    for (let i = column + 1; i < size; i++) {
      if (Math.abs(rows[i]![column]!) > Math.abs(rows[best]![column]!)) best = i;
    }
    [rows[column], rows[best]] = [rows[best]!, rows[column]!];
    for (let i = 0; i < size; i++) {
      if (i === column) continue;
      const factor = rows[i]![column]! / rows[column]![column]!;
      for (let j = column; j <= size; j++) rows[i]![j]! -= factor * rows[column]![j]!;
    }
  }
  return Float64Array.from({ length: size }, (_, i) => rows[i]![size]! / rows[i]![i]!);
}
