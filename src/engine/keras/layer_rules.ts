/** How Keras names, shapes and orders the parts of our layers: one entry per kind of layer. */
import type { Layer } from "../nn/layers.ts";

/** One of our arrays in a Keras file. */
export interface KerasWeight {
  /** Keras's name for the array. */
  readonly role: string;
  /** The end of our parameter's name, such as "depthwise.weight". */
  readonly parameter: string;
  /** Axis i of our array is axis axes[i] of Keras's array. */
  readonly axes: readonly number[];
}

/** How Keras represents a kind of layer. `group` is the group name of its class in files of Keras 3. */
interface KerasRule<L extends Layer> {
  /** The steps that the layer consists of, in the words of description.ts. */
  steps(layer: L): readonly string[];
  readonly group?: string;
  /** The weights in the order in which Keras saves them. */
  readonly weights?: readonly KerasWeight[];
}

type RuleTable = { readonly [K in Layer["kind"]]: KerasRule<Extract<Layer, { kind: K }>> };

const vector = (role: string, parameter: string): KerasWeight => ({ role, parameter, axes: [0] });

/** Keras arrays are channels-last: kernels [height, width, in, out], depthwise kernels [height, width, in, 1]. */
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
  /** Dropout does nothing in a trained network. */
  dropout: { steps: () => [] },
  globalAveragePool: { steps: () => ["GlobalAveragePooling2D"] },
  flatten: { steps: () => ["Flatten"] },
  dense: {
    steps: () => ["Dense"],
    group: "dense",
    weights: [{ role: "kernel", parameter: "weight", axes: [0, 1] }, vector("bias", "bias")],
  },
};

/** The rule for a layer, typed for any kind of layer. */
export function kerasRule(layer: Layer): KerasRule<Layer> {
  return KERAS_RULES[layer.kind] as KerasRule<Layer>;
}
