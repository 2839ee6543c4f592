/**
 * Brings a model's arrays into the order that the kernels read. Numbers of channels are rounded up; what is added is
 * zero, and stays zero through all layers.
 */
import type { Arrays } from "../nn/model.ts";

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
export function packMatrix(
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

/** An array per channel, with zeros for the added channels. */
export function withZeros(values: Float32Array): Float32Array {
  const result = new Float32Array(paddedOutputs(values.length));
  result.set(values);
  return result;
}

/** Normalization with the running statistics as slope * x + offset, per channel. */
export function packNormalization(
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
