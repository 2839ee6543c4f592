/** Small symmetric matrices as lists of rows: Cholesky's factor, its inverse, eigenvalues and eigenvectors. */

export type Matrix = readonly (readonly number[])[];

/**
 * The lower triangular factor L of a = L L^T.
 * @returns undefined if the matrix is not positive definite
 */
export function choleskyFactor(a: Matrix): number[][] | undefined {
  const factor = a.map((row) => row.map(() => 0));
  for (let row = 0; row < a.length; row++) {
    for (let column = 0; column <= row; column++) {
      let rest = a[row]![column]!;
      for (let k = 0; k < column; k++) rest -= factor[row]![k]! * factor[column]![k]!;
      if (row !== column) factor[row]![column] = rest / factor[column]![column]!;
      else if (rest > 0) factor[row]![row] = Math.sqrt(rest);
      else return undefined;
    }
  }
  return factor;
}

/** The inverse of a lower triangular matrix, which is lower triangular too. */
export function inverseOfLower(lower: Matrix): number[][] {
  const inverse = lower.map((row) => row.map(() => 0));
  for (let column = 0; column < lower.length; column++) {
    for (let row = column; row < lower.length; row++) {
      let rest = row === column ? 1 : 0;
      for (let k = column; k < row; k++) rest -= lower[row]![k]! * inverse[k]![column]!;
      inverse[row]![column] = rest / lower[row]![row]!;
    }
  }
  return inverse;
}

const MOST_SWEEPS = 50;

/**
 * Eigenvalues, the largest first, and eigenvectors of a symmetric matrix, by Jacobi's rotations. Row i of `vectors`
 * belongs to value i; its largest element in magnitude is positive, so that the result is unique.
 */
export function eigenOf(symmetric: Matrix): { values: number[]; vectors: number[][] } {
  const size = symmetric.length;
  const a = symmetric.map((row) => [...row]);
  const vectors = a.map((_, row) => a.map((__, column) => (row === column ? 1 : 0)));
  for (let sweep = 0; sweep < MOST_SWEEPS; sweep++) {
    let rotated = false;
    for (let p = 0; p < size; p++) {
      for (let q = p + 1; q < size; q++) rotated = rotate(a, vectors, p, q) || rotated;
    }
    if (!rotated) break;
  }
  const order = a.map((_, place) => place).sort((one, other) => a[other]![other]! - a[one]![one]!);
  return { values: order.map((place) => a[place]![place]!), vectors: order.map((place) => upright(vectors[place]!)) };
}

/** Makes the element [p, q] zero by a rotation; false if it is negligible. Row p and q of the vectors turn too. */
function rotate(a: number[][], vectors: number[][], p: number, q: number): boolean {
  const off = a[p]![q]!;
  if (Math.abs(off) <= 1e-15 * Math.sqrt(Math.abs(a[p]![p]! * a[q]![q]!))) return false;
  const theta = (a[q]![q]! - a[p]![p]!) / (2 * off);
  const tangent = (theta < 0 ? -1 : 1) / (Math.abs(theta) + Math.hypot(theta, 1));
  const cosine = 1 / Math.hypot(tangent, 1);
  const sine = tangent * cosine;
  const turn = (one: number, other: number): [number, number] => [
    cosine * one - sine * other,
    sine * one + cosine * other,
  ];
  for (const row of a) [row[p], row[q]] = turn(row[p]!, row[q]!);
  for (let k = 0; k < a.length; k++) [a[p]![k], a[q]![k]] = turn(a[p]![k]!, a[q]![k]!);
  for (let k = 0; k < a.length; k++) [vectors[p]![k], vectors[q]![k]] = turn(vectors[p]![k]!, vectors[q]![k]!);
  [a[p]![q], a[q]![p]] = [0, 0];
  return true;
}

/** The vector or its opposite: the one whose largest element in magnitude is positive. */
export function upright(vector: readonly number[]): number[] {
  const largest = vector.reduce((found, value) => (Math.abs(value) > Math.abs(found) ? value : found), 0);
  return vector.map((value) => (largest < 0 ? -value : value));
}
