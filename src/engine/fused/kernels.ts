/**
 * Loads the fused CPU kernels (kernels/, AssemblyScript compiled to WebAssembly) over a memory of their own. The caller
 * lays out the arrays in that memory; the kernels allocate nothing and check nothing.
 */
import { ownKernels } from "../../system/own_files.ts";
import { UserError } from "../../util/errors.ts";
import { WebAssembly } from "../../util/web_assembly.ts";

/** A byte offset into the memory. Arrays start at multiples of 16. No array starts at 0, so 0 means "none". */
export type Pointer = number;

/**
 * The kernels. All numbers are float32 unless float64 or bytes are stated. "Dense" means [n][c][h][w]. "Bordered" means
 * [n][c][h+2][w+2] with a border of zeros, which kernels read but never write (see clearBorders). n, c, h and w must be
 * at least 1; for pooling, h and w must be at least 2. A kernel's result for one image does not depend on the other
 * images.
 */
export interface Kernels {
  /** Sets the borders of `count` bordered planes to zero. Does not change the interior. */
  clearBorders(planes: Pointer, count: number, h: number, w: number): void;
  /** Copies `count` dense planes into the interior of bordered ones. */
  toBordered(dense: Pointer, bordered: Pointer, count: number, h: number, w: number): void;
  /**
   * Moves each image by its own matrix [n][2][3], like movedImages in nn/input.ts. Input dense, output bordered; h and
   * w at least 4. `fill` is an index into FILL_MODES. `value` is the value for "constant", in the units of the pixels.
   */
  moveImages(
    input: Pointer,
    matrices: Pointer,
    output: Pointer,
    n: number,
    c: number,
    h: number,
    w: number,
    fill: number,
    value: number,
  ): void;
  /** target += source, `length` numbers. */
  addInto(target: Pointer, source: Pointer, length: number): void;
  /** output[o] = sum over i of weights[o][i] * x[i], with x [n][inputs][hw] and output [n][outputs][hw], both dense. */
  pointwiseForward(
    x: Pointer,
    weights: Pointer,
    output: Pointer,
    n: number,
    inputs: number,
    outputs: number,
    hw: number,
  ): void;
  /** Depthwise 3x3 correlation with padding 1: input bordered, weights [c][3][3], output dense. */
  depthwiseForward(input: Pointer, weights: Pointer, output: Pointer, n: number, c: number, h: number, w: number): void;
  /**
   * The gradients of depthwiseForward, from its input x (bordered) and the gradient g of its output (dense). Writes
   * inputGradient (dense; 0 skips it) and weightSums, float64 [n][c][3][3], the gradient of the weights per image.
   * scratch is one bordered plane of working memory.
   */
  depthwiseBackward(
    x: Pointer,
    g: Pointer,
    weights: Pointer,
    inputGradient: Pointer,
    weightSums: Pointer,
    scratch: Pointer,
    n: number,
    c: number,
    h: number,
    w: number,
  ): void;
  /**
   * x = max(x + bias, 0), dense and in place, with bias [c]. NaN stays NaN. sums, float64 [n][c][2]: the sum and the
   * sum of squares of the new x.
   */
  biasReluMoments(x: Pointer, bias: Pointer, sums: Pointer, n: number, c: number, hw: number): void;
  /** sums, float64 [n][c][2]: the sum of g and the sum of g * x. g and x are dense. */
  backwardMoments(g: Pointer, x: Pointer, sums: Pointer, n: number, c: number, hw: number): void;
  /**
   * g = x > 0 ? a * g + b * x + offset : 0, dense and in place, with a, b and offset [c]. biasSums, float64 [n][c]: the
   * sum of the new g.
   */
  normalizeReluBackward(
    g: Pointer,
    x: Pointer,
    a: Pointer,
    b: Pointer,
    offset: Pointer,
    biasSums: Pointer,
    n: number,
    c: number,
    hw: number,
  ): void;
  /** output = slope * x + offset, with x dense, slope and offset [c], and output bordered. */
  normalize(
    x: Pointer,
    slope: Pointer,
    offset: Pointer,
    output: Pointer,
    n: number,
    c: number,
    h: number,
    w: number,
  ): void;
  /**
   * Computes slope * x + offset, then the maximum of each 2x2 window (h/2 and w/2 rounded down), then dropout. Dropout
   * sets a maximum to 0 if its random byte is below threshold (0 to 256), and multiplies it by keepScale otherwise. If
   * randomBytes is 0, there is no dropout and no scaling.
   * output: bordered or dense planes of the pooled size. randomBytes and places: bytes [n][c][h/2][w/2]. A place is the
   * index of the maximum in its window, 0 to 3 in row-major order (the first of equal values), or 4 if it was dropped.
   */
  normalizePool(
    x: Pointer,
    slope: Pointer,
    offset: Pointer,
    randomBytes: Pointer,
    threshold: number,
    keepScale: number,
    output: Pointer,
    places: Pointer,
    borderedOutput: boolean,
    n: number,
    c: number,
    h: number,
    w: number,
  ): void;
  /**
   * backwardMoments if pooling follows: the gradient is `gradient` (of the pooled size) * keepScale at the places, and
   * zero elsewhere.
   */
  pooledMoments(
    gradient: Pointer,
    places: Pointer,
    keepScale: number,
    x: Pointer,
    sums: Pointer,
    n: number,
    c: number,
    h: number,
    w: number,
  ): void;
  /**
   * The gradient of normalizePool with respect to the normalized x: output (dense, [n][c][h][w]) is gradient *
   * keepScale at the places and zero elsewhere. gradient is dense, of the pooled size.
   */
  poolBackward(
    gradient: Pointer,
    places: Pointer,
    keepScale: number,
    output: Pointer,
    n: number,
    c: number,
    h: number,
    w: number,
  ): void;
  /**
   * The optimizers (see training/optimizers.ts), in place on weights and state. Arrays hold `length` numbers, rounded
   * up to a multiple of 4. decay * weight is added to the gradient.
   */
  adagrad(
    weights: Pointer,
    gradients: Pointer,
    accumulator: Pointer,
    length: number,
    learningRate: number,
    decay: number,
  ): void;
  sgd(
    weights: Pointer,
    gradients: Pointer,
    momentum: Pointer,
    length: number,
    learningRate: number,
    decay: number,
  ): void;
  /** Before the update, each weight is reduced by the fraction `shrink`. */
  adam(
    weights: Pointer,
    gradients: Pointer,
    mean: Pointer,
    square: Pointer,
    length: number,
    learningRate: number,
    decay: number,
    shrink: number,
    inverseMeanCorrection: number,
    inverseRootCorrection: number,
  ): void;
}

/** The kernels and their memory. The memory never grows, so views of it stay valid. */
export interface LoadedKernels {
  kernels: Kernels;
  memory: ArrayBuffer;
}

const PAGE_BYTES = 65536;
/** WebAssembly addresses have 32 bits, so 4 GiB is the limit. */
const MOST_PAGES = 65536;

/**
 * Loads the kernels over a new zeroed memory of at least `memoryBytes`.
 * @throws UserError if more than 4 GiB are needed, or the WebAssembly file has not been built; RangeError if the machine
 *   does not have that much memory.
 */
export function loadKernels(memoryBytes: number): LoadedKernels {
  const pages = requirePages(memoryBytes);
  const memory = new WebAssembly.Memory({ initial: pages, maximum: pages });
  const instance = new WebAssembly.Instance(new WebAssembly.Module(ownKernels("engine/fused")), { env: { memory } });
  return { kernels: instance.exports as Kernels, memory: memory.buffer };
}

/**
 * The number of pages for `memoryBytes` bytes, rounded up.
 * @throws UserError if more than 4 GiB are needed.
 */
export function requirePages(memoryBytes: number): number {
  const pages = Math.ceil(memoryBytes / PAGE_BYTES);
  if (pages <= MOST_PAGES) return pages;
  throw new UserError(
    "memory-insufficient",
    `The fused engine would need ${(memoryBytes / 2 ** 30).toFixed(1)} GiB of memory per thread for batches of this size, and 4 GiB is the ` +
      "most: use a smaller batch size, more threads, smaller images, or the graph engine.",
  );
}
