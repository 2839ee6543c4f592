/**
 * The matrix products of the fused engine. ONNX Runtime computes them on one thread, on arrays in the kernels' memory.
 */
import { Graph, type Value } from "../graph/graph.ts";
import { sizeOf } from "../graph/shape.ts";
import { matMul } from "../ops/linear.ts";
import { transpose } from "../ops/shaping.ts";
import { openGraph } from "../runtime/node/session.ts";
import type { NamedTensor, Session } from "../runtime/session.ts";
import type { Kernels } from "./kernels.ts";
import type { Floats } from "./memory.ts";
import type { Block, WideLayer } from "./plan.ts";

const OPTIONS = { threads: 1, inPlace: true };
/**
 * Up to this number of input channels, a kernel computes the product: ONNX Runtime would spend its time packing the
 * data.
 */
const FEW_CHANNELS = 4;

/** The matrix products of a block's pointwise convolution, for any number of images. */
export interface Products {
  /**
   * result = weight * x, with weight [outputs, inputs], x [n, inputs, pixels] and result [n, outputs, pixels]. Returns
   * undefined if a kernel has computed it already.
   */
  forward(images: number, arrays: { weight: Floats; x: Floats; result: Floats }): Promise<unknown> | undefined;
  /** Writes inputGradient [n, inputs, pixels] and, per image, weightGradients [n, outputs, inputs]. */
  backward(
    images: number,
    arrays: { weight: Floats; x: Floats; gradient: Floats; inputGradient: Floats; weightGradients: Floats },
  ): Promise<unknown>;
  close(): Promise<void>;
}

export async function openProducts(
  { inputs, height, width, convolution }: Block,
  kernels: () => Kernels,
): Promise<Products> {
  const outputs = convolution.filters;
  const pixels = height * width;
  const forward = await open({ weight: [outputs, inputs], x: ["images", inputs, pixels] }, ({ weight, x }) => ({
    result: matMul(weight, x),
  }));
  const backward = await open(
    { weight: [outputs, inputs], x: ["images", inputs, pixels], gradient: ["images", outputs, pixels] },
    ({ weight, x, gradient }) => ({
      inputGradient: matMul(transpose(weight, [1, 0]), gradient),
      weightGradients: matMul(gradient, transpose(x, [0, 2, 1])),
    }),
  );
  const prepared = new Prepared();
  return {
    forward(images, { weight, x, result }) {
      if (inputs <= FEW_CHANNELS) {
        kernels().pointwiseForward(x.at, weight.at, result.at, images, inputs, outputs, pixels);
        return undefined;
      }
      return prepared.run(["forward", images, result.at], () => {
        const feeds = { weight: tensor(weight, [outputs, inputs]), x: tensor(x, [images, inputs, pixels]) };
        return forward.prepare(feeds, { result: tensor(result, [images, outputs, pixels]) });
      });
    },
    backward(images, { weight, x, gradient, inputGradient, weightGradients }) {
      return prepared.run(["backward", images, gradient.at], () => {
        const feeds = {
          weight: tensor(weight, [outputs, inputs]),
          x: tensor(x, [images, inputs, pixels]),
          gradient: tensor(gradient, [images, outputs, pixels]),
        };
        return backward.prepare(feeds, {
          inputGradient: tensor(inputGradient, [images, inputs, pixels]),
          weightGradients: tensor(weightGradients, [images, outputs, inputs]),
        });
      });
    },
    async close() {
      await forward.close();
      await backward.close();
    },
  };
}

/** The matrix products of s slices of a wide layer. Each slice has `width` inputs. */
export interface WideProducts {
  /** sums = x * weights per slice, with x [s, n, width], weights [s, width, units] and sums [s, n, units]. */
  forward(images: number, arrays: { weights: Floats; x: Floats; sums: Floats }): Promise<unknown>;
  /** Computes inputGradient [s, n, width] and weightGradients [s, width, units] from gradient [n, units]. */
  backward(
    images: number,
    arrays: { weights: Floats; x: Floats; gradient: Floats; inputGradient: Floats; weightGradients: Floats },
  ): Promise<unknown>;
  close(): Promise<void>;
}

export async function openWideProducts({ inputs, units, slices }: WideLayer, s: number): Promise<WideProducts> {
  const width = inputs / slices;
  const forward = await open({ weights: [s, width, units], x: [s, "images", width] }, ({ weights, x }) => ({
    sums: matMul(x, weights),
  }));
  const backward = await open(
    { weights: [s, width, units], x: [s, "images", width], gradient: ["images", units] },
    ({ weights, x, gradient }) => ({
      inputGradient: matMul(gradient, transpose(weights, [0, 2, 1])),
      weightGradients: matMul(transpose(x, [0, 2, 1]), gradient),
    }),
  );
  const prepared = new Prepared();
  return {
    forward: (images, { weights, x, sums }) =>
      prepared.run(["forward", images], () => {
        const feeds = { weights: tensor(weights, [s, width, units]), x: tensor(x, [s, images, width]) };
        return forward.prepare(feeds, { sums: tensor(sums, [s, images, units]) });
      }),
    backward: (images, { weights, x, gradient, inputGradient, weightGradients }) =>
      prepared.run(["backward", images], () => {
        const feeds = {
          weights: tensor(weights, [s, width, units]),
          x: tensor(x, [s, images, width]),
          gradient: tensor(gradient, [images, units]),
        };
        return backward.prepare(feeds, {
          inputGradient: tensor(inputGradient, [s, images, width]),
          weightGradients: tensor(weightGradients, [s, width, units]),
        });
      }),
    async close() {
      await forward.close();
      await backward.close();
    },
  };
}

/** Keeps prepared runs: every step uses the same arrays at the same addresses. */
class Prepared {
  readonly #runs = new Map<string, () => Promise<void>>();

  /** @param key identifies the arrays of a run. */
  run(key: readonly unknown[], prepare: () => () => Promise<void>): Promise<void> {
    const name = key.join();
    let run = this.#runs.get(name);
    if (!run) {
      run = prepare();
      this.#runs.set(name, run);
    }
    return run();
  }
}

/** Opens a session for matrix products. Inputs have names and shapes, results have names. */
function open<Names extends string>(
  inputs: Record<Names, readonly (number | string)[]>,
  build: (values: Record<Names, Value>) => Record<string, Value>,
): Promise<Session> {
  const graph = new Graph();
  const values = Object.entries<readonly (number | string)[]>(inputs).map(([name, shape]) => [
    name,
    graph.input(name, "float32", shape),
  ]);
  for (const [name, value] of Object.entries(build(Object.fromEntries(values)))) graph.output(name, value);
  return openGraph(graph, OPTIONS);
}

/** The first elements of a piece, as a tensor with the given shape. */
export function tensor({ view }: Floats, shape: readonly number[]): NamedTensor {
  return { data: view.subarray(0, sizeOf(shape)), shape };
}
