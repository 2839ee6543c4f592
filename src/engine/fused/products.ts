/** The matrix products of a pointwise convolution, by ONNX Runtime on one thread, for any number of images. */
import { Graph } from "../graph/graph.ts";
import { matMul } from "../ops/linear.ts";
import { transpose } from "../ops/shaping.ts";
import { type NamedTensor, Session } from "../runtime/session.ts";
import type { Block } from "./plan.ts";

const ONE_THREAD = { threads: 1 };

export interface Products {
  /** result [n, outputs, pixels] = weight [outputs, inputs] x [n, inputs, pixels]. */
  forward(tensors: { weight: NamedTensor; x: NamedTensor; result: NamedTensor }): Promise<void>;
  /** inputGradient [n, inputs, pixels], and by image weightGradients [n, outputs, inputs]. */
  backward(tensors: {
    weight: NamedTensor;
    x: NamedTensor;
    gradient: NamedTensor;
    inputGradient: NamedTensor;
    weightGradients: NamedTensor;
  }): Promise<void>;
  close(): Promise<void>;
}

export async function openProducts({ inputs, height, width, convolution }: Block): Promise<Products> {
  const outputs = convolution.filters;
  const pixels = height * width;
  const forward = new Graph();
  forward.output(
    "result",
    matMul(
      forward.input("weight", "float32", [outputs, inputs]),
      forward.input("x", "float32", ["images", inputs, pixels]),
    ),
  );
  const backward = new Graph();
  const weight = backward.input("weight", "float32", [outputs, inputs]);
  const x = backward.input("x", "float32", ["images", inputs, pixels]);
  const gradient = backward.input("gradient", "float32", ["images", outputs, pixels]);
  backward.output("inputGradient", matMul(transpose(weight, [1, 0]), gradient));
  backward.output("weightGradients", matMul(gradient, transpose(x, [0, 2, 1])));
  const forwardSession = await Session.fromGraph(forward, ONE_THREAD);
  const backwardSession = await Session.fromGraph(backward, ONE_THREAD);
  return {
    async forward({ result, ...feeds }) {
      await forwardSession.run(feeds, { result });
    },
    async backward({ inputGradient, weightGradients, ...feeds }) {
      await backwardSession.run(feeds, { inputGradient, weightGradients });
    },
    async close() {
      await forwardSession.close();
      await backwardSession.close();
    },
  };
}
