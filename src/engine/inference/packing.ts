/**
 * Brings a model's arrays into the order that the kernels read. Numbers of channels are rounded up; what is added is
 * zero, and stays zero through all layers.
 */
import type { Arrays } from "../nn/model.ts";
import type { Stage } from "./stages.ts";

/** The kernels compute this many outputs at a time. */
const PANEL = 8;
/** The channels of the image are rounded up to this, those of all other layers to PANEL. */
export const IMAGE_CHANNELS = 4;

export const paddedOutputs = (channels: number): number => Math.ceil(channels / PANEL) * PANEL;

/** Depthwise weights [c][3][3] as [3][3][channels]. */
export function packDepthwise(weights: Float32Array, channels: number): Float32Array {
  const taps = 9;
  const packed = new Float32Array(taps * channels);
  weights.forEach((value, index) => {
    packed[(index % taps) * channels + Math.floor(index / taps)] = value;
  });
  return packed;
}

/**
 * A matrix as [outputs / 8][inputs][8].
 * @param at the weight from an input (with added ones: undefined) to an output
 */
function packMatrix(
  { inputs, outputs }: { readonly inputs: number; readonly outputs: number },
  at: (input: number, output: number) => number | undefined,
): Float32Array {
  const packed = new Float32Array(inputs * paddedOutputs(outputs));
  for (let output = 0; output < outputs; output++) {
    const panel = Math.floor(output / PANEL) * PANEL * inputs + (output % PANEL);
    for (let input = 0; input < inputs; input++) packed[panel + input * PANEL] = at(input, output) ?? 0;
  }
  return packed;
}

/** The pointwise weights of a convolution, [filters][channels]. @param stored the channels with the added ones */
export function packPointwise(
  weights: Float32Array,
  { channels, stored, filters }: { readonly channels: number; readonly stored: number; readonly filters: number },
): Float32Array {
  return packMatrix({ inputs: stored, outputs: filters }, (from, to) =>
    from < channels ? weights[to * channels + from] : 0,
  );
}

/**
 * The weights of a dense layer, [inputs][units]. The model counts its inputs by channel and then by pixel, the memory by
 * pixel and then by channel.
 * @param stored the channels with the added ones
 */
export function packDense(
  weights: Float32Array,
  input: { readonly pixels: number; readonly channels: number; readonly stored: number; readonly units: number },
): Float32Array {
  const { pixels, channels, stored, units } = input;
  return packMatrix({ inputs: pixels * stored, outputs: units }, (from, to) => {
    const channel = from % stored;
    return channel < channels ? weights[(channel * pixels + Math.floor(from / stored)) * units + to] : 0;
  });
}

/** What follows a multiplication: (x + bias, at least 0 if there is a ReLU) * slope + offset, per output. */
export interface AfterMatrix {
  readonly bias: Float32Array;
  readonly relu: boolean;
  readonly slope: Float32Array;
  readonly offset: Float32Array;
}

/** @param name the name of the layer's arrays: "<name>.bias" */
export function packAfterMatrix(
  { relu, normalization }: Extract<Stage, { kind: "weights" }>,
  name: string,
  arrays: Arrays,
): AfterMatrix {
  const values = arrays.get(`${name}.bias`)!;
  const plain = { slope: withZeros(values.map(() => 1)), offset: withZeros(values.map(() => 0)) };
  return {
    bias: withZeros(values),
    relu,
    ...(normalization ? packNormalization(arrays, normalization) : plain),
  };
}

/** An array per channel, with zeros for the added channels. */
function withZeros(values: Float32Array): Float32Array {
  const result = new Float32Array(paddedOutputs(values.length));
  result.set(values);
  return result;
}

/** Normalization with the running statistics as slope * x + offset, per channel. */
function packNormalization(
  arrays: Arrays,
  { name, epsilon }: { readonly name: string; readonly epsilon: number },
): { readonly slope: Float32Array; readonly offset: Float32Array } {
  const [scale, offset, mean, variance] = ["scale", "offset", "mean", "variance"].map(
    (what) => arrays.get(`${name}.${what}`)!,
  );
  const slope = Float64Array.from(scale!, (value, c) => value / Math.sqrt(variance![c]! + epsilon));
  return {
    slope: withZeros(Float32Array.from(slope)),
    offset: withZeros(Float32Array.from(offset!, (value, c) => value - mean![c]! * slope[c]!)),
  };
}
