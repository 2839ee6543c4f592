/**
 * Ridge logistic regression, for a few features or for thousands. It finds the weights with the smallest penalized log
 * loss.
 */
import { atOnce } from "../util/turns.ts";

export interface LogisticModel {
  /** [features] */
  readonly weights: number[];
  readonly bias: number;
}

export interface LogisticProblem {
  /** [n, width], row-major */
  readonly features: Float32Array | Float64Array;
  /** [n] 1 for IDC, 0 for none */
  readonly labels: ArrayLike<number>;
  readonly width: number;
  readonly ridge: number;
  /** [n] how much each row counts; 1 by default. */
  readonly rowWeights?: ArrayLike<number>;
  /** The starting point, for example the solution with another ridge; zero by default. */
  readonly start?: LogisticModel;
  /** Convergence tolerance: the gradient's norm as a fraction of its norm at zero; 1e-12 by default. */
  readonly tolerance?: number;
}

/** Newton's method needs about ten steps. More steps mean that it does not converge. */
const MOST_STEPS = 100;
/** A step is halved until the loss falls by at least this fraction of what the slope predicts (Armijo's rule). */
const LEAST_GAIN = 1e-4;
const HALVINGS = 40;

/**
 * The weights and the bias with the smallest weighted sum of log losses + ridge / 2 * |weights|^2. The bias is not penalized.
 * @throws Error if it does not converge: the features separate the classes and ridge is 0.
 */
export function fitLogisticRegression(
  features: LogisticProblem["features"],
  labels: ArrayLike<number>,
  options: Omit<LogisticProblem, "features" | "labels">,
): LogisticModel {
  return atOnce(logisticSteps({ features, labels, ...options }));
}

/**
 * As `fitLogisticRegression`, but yields after each pass over the rows, so that a long fit can be watched and stopped.
 *
 * It uses Newton's method. Conjugate gradients with the diagonal as preconditioner find each step (Nocedal & Wright
 * 2006, algorithm 7.1; Lin, Weng & Keerthi 2008). The Hessian is never stored; one pass over the rows gives its product
 * with a vector.
 * @throws Error if it does not converge.
 */
export function* logisticSteps(problem: LogisticProblem): Generator<void, LogisticModel> {
  const { width, tolerance = 1e-12, start } = problem;
  const zero = new Float64Array(width + 1);
  let current = stateAt(problem, zero);
  const least = tolerance * norm(current.gradient);
  // If the features separate the classes and ridge is 0, the gradient approaches 0 but the steps do not.
  const smallStep = Math.sqrt(tolerance);
  if (start) current = stateAt(problem, Float64Array.of(...start.weights, start.bias));
  yield;
  let relativeStep = Number.POSITIVE_INFINITY;
  for (let step = 0; step < MOST_STEPS; step++) {
    const size = norm(current.gradient);
    if (size <= least && relativeStep <= smallStep) return modelOf(current.solution, width);
    // Far from the solution an approximate step is enough. Near it, more exact steps double the number of correct
    // digits.
    const exactness = Math.min(0.1, Math.sqrt(size / (least / tolerance || 1)));
    const direction = yield* newtonDirection(problem, current, exactness);
    const next = yield* searchAlong(problem, current, direction);
    relativeStep = distance(next.solution, current.solution) / Math.max(1, norm(next.solution));
    current = next;
  }
  throw new Error("The logistic regression does not converge.");
}

/**
 * A point and what one pass over the rows computes there. The bias is the last number, as the weight of a feature that
 * is always 1.
 */
interface State {
  readonly solution: Float64Array;
  readonly scores: Float64Array;
  readonly loss: number;
  readonly gradient: Float64Array;
  /** [n] p (1 - p), times the row's weight: what each row counts in the Hessian. */
  readonly curvatures: Float64Array;
  /** The diagonal of the Hessian. */
  readonly diagonal: Float64Array;
}

function stateAt(problem: LogisticProblem, solution: Float64Array): State {
  const scores = new Float64Array(problem.labels.length);
  for (let row = 0; row < scores.length; row++) scores[row] = scoreOf(problem, row, solution);
  return stateOf(problem, solution, scores);
}

/** The state at a point whose scores are already computed. */
function stateOf(problem: LogisticProblem, solution: Float64Array, scores: Float64Array): State {
  const { features, labels, width, ridge, rowWeights } = problem;
  const gradient = new Float64Array(width + 1);
  const diagonal = new Float64Array(width + 1);
  const curvatures = new Float64Array(scores.length);
  for (let row = 0, first = 0; row < scores.length; row++, first += width) {
    const probability = 1 / (1 + Math.exp(-scores[row]!));
    const weight = rowWeights?.[row] ?? 1;
    const slope = weight * (probability - labels[row]!);
    const curvature = weight * probability * (1 - probability);
    curvatures[row] = curvature;
    for (let i = 0; i < width; i++) {
      const value = features[first + i]!;
      gradient[i]! += slope * value;
      diagonal[i]! += curvature * value * value;
    }
    gradient[width]! += slope;
    diagonal[width]! += curvature;
  }
  for (let i = 0; i < width; i++) {
    gradient[i]! += ridge * solution[i]!;
    diagonal[i]! += ridge;
  }
  return { solution, scores, loss: lossOf(problem, scores, solution), gradient, curvatures, diagonal };
}

function scoreOf({ features, width }: LogisticProblem, row: number, vector: Float64Array): number {
  const first = row * width;
  // Two sums, so that the processor can overlap the additions.
  let [even, odd] = [vector[width]!, 0];
  let i = 0;
  for (; i + 1 < width; i += 2) {
    even += features[first + i]! * vector[i]!;
    odd += features[first + i + 1]! * vector[i + 1]!;
  }
  if (i < width) even += features[first + i]! * vector[i]!;
  return even + odd;
}

/** The log loss of a score s is ln(1 + e^s) - label * s. */
function lossOf(
  { labels, width, ridge, rowWeights }: LogisticProblem,
  scores: Float64Array,
  solution: Float64Array,
): number {
  let loss = 0;
  for (let row = 0; row < scores.length; row++) {
    const score = scores[row]!;
    const own = Math.max(score, 0) + Math.log1p(Math.exp(-Math.abs(score))) - labels[row]! * score;
    loss += (rowWeights?.[row] ?? 1) * own;
  }
  const weights = solution.subarray(0, width);
  return loss + (ridge / 2) * dot(weights, weights);
}

/** The product of the Hessian with a vector, in one pass over the rows. */
function hessianTimes(problem: LogisticProblem, { curvatures }: State, vector: Float64Array): Float64Array {
  const { features, width, ridge } = problem;
  const product = new Float64Array(width + 1);
  for (let row = 0, first = 0; row < curvatures.length; row++, first += width) {
    const factor = curvatures[row]! * scoreOf(problem, row, vector);
    for (let i = 0; i < width; i++) product[i]! += factor * features[first + i]!;
    product[width]! += factor;
  }
  for (let i = 0; i < width; i++) product[i]! += ridge * vector[i]!;
  return product;
}

/**
 * The step of Newton's method, by preconditioned conjugate gradients until the residual is `exactness` times the
 * gradient.
 */
function* newtonDirection(problem: LogisticProblem, state: State, exactness: number): Generator<void, Float64Array> {
  const { gradient, diagonal } = state;
  const direction = new Float64Array(gradient.length);
  const residual = gradient.map((value) => -value);
  const enough = exactness * norm(gradient);
  let preconditioned = residual.map((value, i) => value / diagonal[i]!);
  let search = preconditioned;
  let product = dot(residual, preconditioned);
  for (let pass = 0; pass < 2 * gradient.length && norm(residual) > enough; pass++) {
    const image = hessianTimes(problem, state, search);
    yield;
    const curvature = dot(search, image);
    if (!(curvature > 0)) break;
    const length = product / curvature;
    for (let i = 0; i < direction.length; i++) {
      direction[i]! += length * search[i]!;
      residual[i]! -= length * image[i]!;
    }
    preconditioned = residual.map((value, i) => value / diagonal[i]!);
    const next = dot(residual, preconditioned);
    const share = next / product;
    product = next;
    search = preconditioned.map((value, i) => value + share * search[i]!);
  }
  return direction;
}

/** The point along a direction that lowers the loss enough, after as many halvings of the step as needed. */
function* searchAlong(problem: LogisticProblem, state: State, direction: Float64Array): Generator<void, State> {
  const { solution, scores, loss, gradient } = state;
  const changes = new Float64Array(scores.length);
  for (let row = 0; row < changes.length; row++) changes[row] = scoreOf(problem, row, direction);
  yield;
  const slope = dot(gradient, direction);
  for (let halving = 0, length = 1; halving < HALVINGS; halving++, length /= 2) {
    const candidate = solution.map((value, i) => value + length * direction[i]!);
    const moved = scores.map((score, row) => score + length * changes[row]!);
    // Near the solution, rounding hides the change of the loss. The full step is right there.
    const rounding = 1e-14 * Math.abs(loss);
    if (lossOf(problem, moved, candidate) <= loss + LEAST_GAIN * length * slope + rounding) {
      return stateOf(problem, candidate, moved);
    }
  }
  throw new Error("The logistic regression does not converge.");
}

const modelOf = (solution: Float64Array, width: number): LogisticModel => ({
  weights: [...solution.subarray(0, width)],
  bias: solution[width]!,
});

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}

const norm = (vector: Float64Array): number => Math.sqrt(dot(vector, vector));

function distance(a: Float64Array, b: Float64Array): number {
  return norm(a.map((value, i) => value - b[i]!));
}
