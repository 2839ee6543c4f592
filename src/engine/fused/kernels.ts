/**
 * Loads the fused CPU kernels (kernels/, AssemblyScript built to WebAssembly) over one memory of their own. Where arrays lie
 * in that memory is the caller's to lay out; the kernels allocate nothing and check nothing.
 */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { codeOf, UserError } from "../../util/errors.ts";

/** A byte offset into the memory; arrays start at multiples of 16. No array starts at 0, which means "none". */
export type Pointer = number;

/**
 * The kernels. All numbers are float32 but where float64 or bytes are named. "Dense" is [n][c][h][w]; "bordered" is
 * [n][c][h+2][w+2] with a border of zeros, which kernels read and never write: see clearBorders. Any n, c, h, w of at least 1
 * will do (pooling: h, w of at least 2). What a kernel computes for one image does not depend on the others beside it.
 */
export interface Kernels {
  /** Sets the borders of `count` bordered planes to zero; the interior is left alone. */
  clearBorders(planes: Pointer, count: number, h: number, w: number): void;
  /** Copies `count` dense planes into the interior of bordered ones. */
  toBordered(dense: Pointer, bordered: Pointer, count: number, h: number, w: number): void;
  /**
   * Images moved by their own matrices [n][2][3], as moveImages in nn/input.ts: input dense, output bordered; h, w of at
   * least 4. `fill` is a place in FILL_MODES, `value` the value of "constant", in the pixels' own units.
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
  /** output[o] = sum over i of weights[o][i] * x[i]: x [n][inputs][hw] and output [n][outputs][hw] dense. */
  pointwiseForward(
    x: Pointer,
    weights: Pointer,
    output: Pointer,
    n: number,
    inputs: number,
    outputs: number,
    hw: number,
  ): void;
  /** Depthwise 3x3 correlation, padding 1: input bordered, weights [c][3][3], output dense. */
  depthwiseForward(input: Pointer, weights: Pointer, output: Pointer, n: number, c: number, h: number, w: number): void;
  /**
   * Its gradients, from its input x (bordered) and its output's gradient g (dense): inputGradient (dense; 0 skips it), and
   * weightSums, float64 [n][c][3][3], the weights' gradient by image. scratch is one bordered plane for the kernel to use.
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
   * x = max(x + bias, 0), dense and in place, bias [c]; NaN stays NaN. sums: float64 [n][c][2], the sum and the sum of
   * squares of the new x.
   */
  biasReluMoments(x: Pointer, bias: Pointer, sums: Pointer, n: number, c: number, hw: number): void;
  /** sums: float64 [n][c][2], the sum of g and of g * x, both dense. */
  backwardMoments(g: Pointer, x: Pointer, sums: Pointer, n: number, c: number, hw: number): void;
  /**
   * g = x > 0 ? a * g + b * x + offset : 0, dense and in place; a, b, offset [c]. biasSums: float64 [n][c], the sum of the
   * new g.
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
  /** output = slope * x + offset: x dense, slope and offset [c], output bordered. */
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
   * slope * x + offset, then the maximum of each 2x2 window (h/2 and w/2 rounded down), then dropout: 0 if the random
   * byte is below threshold (0 to 256), times keepScale elsewhere; no dropout and no scale if randomBytes is 0.
   * output: bordered or dense planes of the pooled size. randomBytes, places: bytes [n][c][h/2][w/2]; a place is 0 to 3
   * (rows first, the first of equals), or 4 if dropped.
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
  /** backwardMoments if pooling follows: gradient (of the pooled size) * keepScale at the places, and zero elsewhere. */
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
   * Its way back to the normalized x: output (dense, [n][c][h][w]) is gradient * keepScale at the places and zero elsewhere.
   * gradient: dense, of the pooled size.
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
   * The optimizers (see training/optimizers.ts), in place on weights and state: `length` numbers, rounded up to a multiple
   * of 4. decay is that of the gradient.
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
  /** shrink: the share of each weight that is taken off before. */
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

/** The kernels and the memory they work on, which never grows: views of it stay valid. */
export interface LoadedKernels {
  kernels: Kernels;
  memory: ArrayBuffer;
}

/** As much of WebAssembly's interface as is used; Node's types lack it. */
interface WebAssemblyApi {
  Memory: new (limits: { initial: number; maximum: number }) => { readonly buffer: ArrayBuffer };
  Module: new (bytes: Uint8Array) => object;
  Instance: new (module: object, imports: object) => { readonly exports: unknown };
}

const PAGE_BYTES = 65536;
/** WebAssembly's addresses have 32 bits. */
const MOST_PAGES = 65536;
const { WebAssembly } = globalThis as unknown as { WebAssembly: WebAssemblyApi };

/**
 * Loads the kernels over a new zeroed memory of at least `memoryBytes`.
 * @throws UserError if more than 4 GiB are needed, RangeError if the machine does not have them; Error if the WebAssembly file has not
 * been built.
 */
export function loadKernels(memoryBytes: number): LoadedKernels {
  const pages = requirePages(memoryBytes);
  const memory = new WebAssembly.Memory({ initial: pages, maximum: pages });
  const instance = new WebAssembly.Instance(new WebAssembly.Module(readKernels()), { env: { memory } });
  return { kernels: instance.exports as Kernels, memory: memory.buffer };
}

/**
 * How many pages of memory so many bytes are.
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

/** The built file: beside this one in dist/, or in dist/ if this one is a source. */
function readKernels(): Uint8Array {
  const path = import.meta.url.endsWith(".ts") ? "../../../dist/engine/fused/kernels.wasm" : "./kernels.wasm";
  const file = fileURLToPath(new URL(path, import.meta.url));
  try {
    return readFileSync(file);
  } catch (error) {
    if (codeOf(error) !== "ENOENT") throw error;
    throw new Error(`The CPU kernels are not built: ${file} is missing; run "npm run build".`);
  }
}
