/** How Keras calls, shapes and orders what our layers are made of: a row for each kind of layer. */
import type { Layer } from "../nn/layers.ts";

/** An array of ours in Keras's file. */
export interface KerasWeight {
  /** Keras's name for it. */
  readonly role: string;
  /** The end of our parameter's name: "depthwise.weight". */
  readonly parameter: string;
  /** Axis i of ours is axis axes[i] of Keras's. */
  readonly axes: readonly number[];
}

/** What Keras's class of a layer is called in code and, in Keras 3's files, as a group. */
interface KerasRule<L extends Layer> {
  /** The steps of the network that it stands for, in the words of description.ts. */
  steps(layer: L): readonly string[];
  readonly group?: string;
  /** In the order in which Keras saves them. */
  readonly weights?: readonly KerasWeight[];
}

type RuleTable = { readonly [K in Layer["kind"]]: KerasRule<Extract<Layer, { kind: K }>> };

const vector = (role: string, parameter: string): KerasWeight => ({ role, parameter, axes: [0] });

/** Keras's arrays are channels-last: kernels [height, width, in, out], depthwise ones [height, width, in, 1]. */
const KERAS_RULES: RuleTable = {
  separableConvolution: {
    steps: () => ["SeparableConv2D"],
    group: "separable_conv2d",
    weights: [
      { role: "depthwise_kernel", parameter: "depthwise.weight", axes: [2, 3, 0, 1] },
      { role: "pointwise_kernel", parameter: "pointwise.weight", axes: [3, 2, 0, 1] },
      vector("bias", "pointwise.bias"),
    ],
  },
  relu: { steps: () => ["relu"] },
  batchNormalization: {
    steps: ({ epsilon }) => [`BatchNormalization, epsilon ${epsilon}`],
    group: "batch_normalization",
    weights: [
      vector("gamma", "scale"),
      vector("beta", "offset"),
      vector("moving_mean", "mean"),
      vector("moving_variance", "variance"),
    ],
  },
  maxPool: { steps: ({ size }) => [`MaxPooling2D of ${size} x ${size}`] },
  /** It does nothing once a network is trained. */
  dropout: { steps: () => [] },
  globalAveragePool: { steps: () => ["GlobalAveragePooling2D"] },
  flatten: { steps: () => ["Flatten"] },
  dense: {
    steps: () => ["Dense"],
    group: "dense",
    weights: [{ role: "kernel", parameter: "weight", axes: [0, 1] }, vector("bias", "bias")],
  },
};

/** The rule of a layer, with the kind's type forgotten. */
export function kerasRule(layer: Layer): KerasRule<Layer> {
  return KERAS_RULES[layer.kind] as KerasRule<Layer>;
}
