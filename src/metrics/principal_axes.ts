/** The directions in which rows of numbers vary most (principal components). */
import { eigenOf, upright } from "./symmetric_matrix.ts";

/** Rows to add before a pause. */
const ROWS_PER_STEP = 64;
/** The iteration follows more directions than are wanted, and so needs fewer rounds. */
const MORE_DIRECTIONS = 4;
const ROUNDS = 100;
/** A vector of which less than this share remains depends on the others. */
const DEPENDENT = 1e-10;

/**
 * The first principal axes of rows, as columns of length 1, by orthogonal iteration, in steps.
 * @param rows [n, width], row-major
 * @returns float32 [width, axes], row-major; undefined if the rows vary in fewer directions
 */
export function* principalAxes(
  rows: Float32Array,
  width: number,
  axes: number,
): Generator<void, Float32Array | undefined> {
  const covariance = yield* covarianceOf(rows, width);
  const directions = Math.min(width, axes + MORE_DIRECTIONS);
  // Any start works that is not at right angles to an axis: here waves, which are independent.
  let found: Float64Array[] = Array.from({ length: directions }, (_, k) =>
    Float64Array.from({ length: width }, (__, i) => Math.cos(((i + 0.5) * k * Math.PI) / width)),
  );
  for (let round = 0; round < ROUNDS; round++) {
    found = orthogonalized(found.map((vector) => times(covariance, vector)));
    if (found.length < axes) return undefined;
    yield;
  }
  const images = found.map((vector) => times(covariance, vector));
  const { vectors } = eigenOf(found.map((one) => images.map((other) => dot(one, other))));
  const principal = vectors
    .slice(0, axes)
    .map((weights) =>
      upright(
        Array.from({ length: width }, (_, i) => weights.reduce((sum, weight, k) => sum + weight * found[k]![i]!, 0)),
      ),
    );
  return Float32Array.from({ length: width * axes }, (_, place) => principal[place % axes]![Math.floor(place / axes)]!);
}

function* covarianceOf(rows: Float32Array, width: number): Generator<void, Float64Array[]> {
  const count = rows.length / width;
  const mean = new Float64Array(width);
  for (let place = 0; place < rows.length; place++) mean[place % width]! += rows[place]! / count;
  const covariance = Array.from({ length: width }, () => new Float64Array(width));
  for (let row = 0; row < count; row++) {
    const apart = mean.map((value, k) => rows[row * width + k]! - value);
    for (let i = 0; i < width; i++) {
      const [sums, one] = [covariance[i]!, apart[i]! / count];
      for (let k = 0; k < width; k++) sums[k]! += one * apart[k]!;
    }
    if (row % ROWS_PER_STEP === 0) yield;
  }
  return covariance;
}

/** Vectors of length 1 at right angles that span the same space (Gram and Schmidt); fewer if they are dependent. */
function orthogonalized(vectors: readonly Float64Array[]): Float64Array[] {
  const found: Float64Array[] = [];
  for (const vector of vectors) {
    const rest = vector.slice();
    // Twice, because the first pass leaves rounding errors if little remains.
    for (let pass = 0; pass < 2; pass++) {
      for (const one of found) {
        const along = dot(one, rest);
        for (let i = 0; i < rest.length; i++) rest[i]! -= along * one[i]!;
      }
    }
    const length = Math.sqrt(dot(rest, rest));
    if (length > DEPENDENT * Math.sqrt(dot(vector, vector))) found.push(rest.map((value) => value / length));
  }
  return found;
}

const times = (matrix: readonly Float64Array[], vector: Float64Array): Float64Array =>
  Float64Array.from(matrix, (row) => dot(row, vector));

function dot(one: Float64Array, other: Float64Array): number {
  let sum = 0;
  for (let k = 0; k < one.length; k++) sum += one[k]! * other[k]!;
  return sum;
}
