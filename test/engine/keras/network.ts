/** Our models in TensorFlow.js's layers, with random weights: what Keras computes and what it would save. */
import type { Layer } from "../../../src/engine/nn/layers.ts";
import type { ModelDescription } from "../../../src/engine/nn/model.ts";
import { RandomStream } from "../../../src/system/random.ts";

/** A weight as Keras holds it: channels-last. */
export interface KerasWeight {
  readonly role: string;
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

/** A layer as Keras saves it. */
export interface KerasLayer {
  readonly className: string;
  readonly name: string;
  readonly config: Readonly<Record<string, unknown>>;
  readonly weights: readonly KerasWeight[];
  /** Of a network that is a layer: its own layers. */
  readonly layers?: readonly KerasLayer[];
}

export interface KerasNetwork {
  readonly layers: readonly KerasLayer[];
  /** The probability of the last class for uint8 images [count, height, width, 3], divided by 255 as the tutorial does. */
  classify(images: Uint8Array, count: number): Float32Array;
  /** Likewise the probability of every class: [count, classes]. */
  probabilities(images: Uint8Array, count: number): Float32Array;
}

/** As much of TensorFlow.js's interface as is used. */
interface TfLayer {
  readonly weights: readonly { readonly originalName: string; readonly shape: number[] }[];
  setWeights(weights: readonly unknown[]): void;
  getClassName(): string;
  getConfig(): object;
}
type TfLayers = Readonly<Record<string, (config: object) => TfLayer>>;

function tfLayer(layers: TfLayers, layer: Layer, more: object): TfLayer | undefined {
  switch (layer.kind) {
    case "separableConvolution":
      return layers.separableConv2d?.({
        filters: layer.filters,
        kernelSize: layer.kernelSize,
        padding: "same",
        ...more,
      });
    case "relu":
      return layers.activation?.({ activation: "relu", ...more });
    case "batchNormalization":
      return layers.batchNormalization?.({ axis: -1, momentum: layer.momentum, epsilon: layer.epsilon, ...more });
    case "maxPool":
      return layers.maxPooling2d?.({ poolSize: [layer.size, layer.size], ...more });
    case "dropout":
      return layers.dropout?.({ rate: layer.rate, ...more });
    case "globalAveragePool":
      return layers.globalAveragePooling2d?.(more);
    case "flatten":
      return layers.flatten?.(more);
    case "dense":
      return layers.dense?.({ units: layer.units, ...more });
  }
}

/** Each number uniform about a mean: kernels large enough for probabilities that differ, statistics far from 0 and 1. */
const SPREADS: Readonly<Record<string, (fanIn: number) => { mean: number; spread: number }>> = {
  depthwise_kernel: () => ({ mean: 0, spread: 0.5 }),
  pointwise_kernel: (fanIn) => ({ mean: 0, spread: 1.5 / Math.sqrt(fanIn) }),
  kernel: (fanIn) => ({ mean: 0, spread: 4 / Math.sqrt(fanIn) }),
  bias: () => ({ mean: 0.1, spread: 0.3 }),
  gamma: () => ({ mean: 1.2, spread: 0.5 }),
  beta: () => ({ mean: -0.1, spread: 0.4 }),
  moving_mean: () => ({ mean: 0.3, spread: 0.3 }),
  moving_variance: () => ({ mean: 0.8, spread: 0.6 }),
};

function randomWeight(role: string, shape: readonly number[], random: RandomStream): KerasWeight {
  const length = shape.reduce((product, size) => product * size, 1);
  const { mean, spread } = SPREADS[role]!(length / shape.at(-1)!);
  const data = Float32Array.from({ length }, () => random.uniform(mean - spread, mean + spread));
  return { role, shape, data };
}

/** Keras's class as TensorFlow.js's, and its name as Keras numbers it: "separable_conv2d_1". */
function namesOf(className: string, counts: Map<string, number>): string {
  const base = className === "SeparableConv2D" ? "separable_conv2d" : className.replace(/(?<=[a-z])(?=[A-Z])/g, "_");
  const count = counts.get(base) ?? 0;
  counts.set(base, count + 1);
  return (count === 0 ? base : `${base}_${count}`).toLowerCase();
}

/** Builds the network as the tutorial does: a Sequential that ends with a softmax. */
export async function kerasNetwork(description: ModelDescription, seed: number): Promise<KerasNetwork> {
  const tf = await import("@tensorflow/tfjs-core");
  const { layers, sequential } = await import("@tensorflow/tfjs-layers");
  await import("@tensorflow/tfjs-backend-cpu");
  tf.enableProdMode();
  await tf.setBackend("cpu");
  const [channels, height, width] = description.inputShape;
  const random = new RandomStream(seed, "keras");
  const counts = new Map<string, number>();
  const own = description.layers.map((layer, index) =>
    tfLayer(layers, layer, index === 0 ? { inputShape: [height, width, channels] } : {}),
  );
  const model = sequential({ layers: [...own, layers.activation({ activation: "softmax" })] });
  const saved: KerasLayer[] = model.layers.map((layer: TfLayer) => {
    const weights = layer.weights.map(({ originalName, shape }) =>
      randomWeight(originalName.split("/").at(-1)!, shape, random),
    );
    layer.setWeights(weights.map(({ data, shape }) => tf.tensor(data, shape)));
    const className = layer.getClassName();
    const { trainable: _, ...config } = snakeCased(layer.getConfig());
    const name = namesOf(className, counts);
    return { className, name, config: { ...config, name }, weights };
  });
  const probabilities = (images: Uint8Array, count: number): Float32Array =>
    tf.tidy(() => {
      const scaled = tf.tensor(
        Float32Array.from(images, (byte) => byte / 255),
        [count, height, width, channels],
      );
      return model.predict(scaled).dataSync();
    });
  return {
    layers: saved,
    probabilities,
    classify: (images, count) => probabilities(images, count).filter((_, index) => index % 2 === 1),
  };
}

/** TensorFlow.js's "poolSize" and "channelsLast" are Keras's "pool_size" and "channels_last". */
function snakeCased(config: object): Record<string, unknown> {
  const snake = (text: string) => text.replace(/(?<=[a-z])[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
  return Object.fromEntries(
    Object.entries(config).map(([key, value]) => [snake(key), typeof value === "string" ? snake(value) : value]),
  );
}
