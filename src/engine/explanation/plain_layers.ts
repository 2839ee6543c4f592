/**
 * Layers in plain arithmetic for one image, forwards and backwards: for the few layers behind the explained convolution,
 * in places where no graph can run. Values are [channels][height][width] or [features].
 */
import type { Layer } from "../nn/layers.ts";
import { type Arrays, layerShapes, type ModelDescription } from "../nn/model.ts";

type LayerOf<K extends Layer["kind"]> = Extract<Layer, { kind: K }>;

/** A layer that has run on one input. */
interface Run {
  readonly output: Float64Array;
  /** The gradient with respect to the input, from that with respect to the output. */
  back(gradient: Float64Array): Float64Array;
}

interface Place {
  /** The shape of the input. */
  readonly shape: readonly number[];
  readonly arrays: Arrays;
}

type RunTable = { readonly [K in Layer["kind"]]: (layer: LayerOf<K>, input: Float64Array, place: Place) => Run };

const unchanged = (input: Float64Array): Run => ({ output: input, back: (gradient) => gradient });

const RUNS: RunTable = {
  separableConvolution: runConvolution,
  relu: (_, input) => ({
    output: input.map((value) => Math.max(value, 0)),
    back: (gradient) => gradient.map((value, place) => (input[place]! > 0 ? value : 0)),
  }),
  batchNormalization({ name, epsilon }, input, { shape, arrays }) {
    const [scale, offset, mean, variance] = ["scale", "offset", "mean", "variance"].map(
      (part) => arrays.get(`${name}.${part}`)!,
    ) as [Float32Array, Float32Array, Float32Array, Float32Array];
    const pixels = input.length / shape[0]!;
    const slopes = Float64Array.from(scale, (value, channel) => value / Math.sqrt(variance[channel]! + epsilon));
    const channelOf = (place: number) => Math.floor(place / pixels);
    return {
      output: input.map((value, place) => {
        const channel = channelOf(place);
        return (value - mean[channel]!) * slopes[channel]! + offset[channel]!;
      }),
      back: (gradient) => gradient.map((value, place) => value * slopes[channelOf(place)]!),
    };
  },
  maxPool: runMaxPool,
  dropout: (_, input) => unchanged(input),
  globalAveragePool(_, input, { shape: [channels, height, width] }) {
    const pixels = height! * width!;
    return {
      output: Float64Array.from({ length: channels! }, (_, channel) => {
        const start = channel * pixels;
        return input.subarray(start, start + pixels).reduce((sum, value) => sum + value, 0) / pixels;
      }),
      back: (gradient) => input.map((_, place) => gradient[Math.floor(place / pixels)]! / pixels),
    };
  },
  flatten: (_, input) => unchanged(input),
  dense({ name, units }, input, { arrays }) {
    const [matrix, bias] = [arrays.get(`${name}.weight`)!, arrays.get(`${name}.bias`)!];
    const output = Float64Array.from(bias);
    for (const [from, value] of input.entries())
      for (let to = 0; to < units; to++) output[to]! += value * matrix[from * units + to]!;
    const back = (gradient: Float64Array) =>
      input.map((_, from) => gradient.reduce((sum, value, to) => sum + value * matrix[from * units + to]!, 0));
    return { output, back };
  },
};

/** A convolution of each channel, then a mixture of the channels. */
function runConvolution(
  { name, filters, kernelSize }: LayerOf<"separableConvolution">,
  input: Float64Array,
  { shape: [channels, height, width], arrays }: Place,
): Run {
  const [taps, matrix, bias] = ["depthwise.weight", "pointwise.weight", "pointwise.bias"].map(
    (part) => arrays.get(`${name}.${part}`)!,
  ) as [Float32Array, Float32Array, Float32Array];
  const pixels = height! * width!;
  const depthwise = { taps, kernelSize, channels: channels!, height: height!, width: width! };
  const spatial = new Float64Array(input.length);
  eachTap(depthwise, (tap, from, to) => (spatial[to]! += tap * input[from]!));
  const output = Float64Array.from({ length: filters * pixels }, (_, place) => bias[Math.floor(place / pixels)]!);
  for (let filter = 0; filter < filters; filter++)
    for (let channel = 0; channel < channels!; channel++) {
      const weight = matrix[filter * channels! + channel]!;
      for (let p = 0; p < pixels; p++) output[filter * pixels + p]! += weight * spatial[channel * pixels + p]!;
    }
  const back = (gradient: Float64Array) => {
    const mixed = new Float64Array(input.length);
    for (let filter = 0; filter < filters; filter++)
      for (let channel = 0; channel < channels!; channel++) {
        const weight = matrix[filter * channels! + channel]!;
        for (let p = 0; p < pixels; p++) mixed[channel * pixels + p]! += weight * gradient[filter * pixels + p]!;
      }
    const result = new Float64Array(input.length);
    eachTap(depthwise, (tap, from, to) => (result[from]! += tap * mixed[to]!));
    return result;
  };
  return { output, back };
}

interface Depthwise {
  readonly taps: Float32Array;
  readonly kernelSize: number;
  readonly channels: number;
  readonly height: number;
  readonly width: number;
}

/** Calls `use` for each weight and each pair of places that it connects. Places outside the input are zero. */
function eachTap(
  { taps, kernelSize, channels, height, width }: Depthwise,
  use: (tap: number, from: number, to: number) => void,
): void {
  const border = (kernelSize - 1) >> 1;
  for (let channel = 0, tap = 0; channel < channels; channel++)
    for (let down = -border; down < kernelSize - border; down++)
      for (let right = -border; right < kernelSize - border; right++, tap++)
        for (let y = Math.max(0, -down); y < Math.min(height, height - down); y++)
          for (let x = Math.max(0, -right); x < Math.min(width, width - right); x++) {
            const to = (channel * height + y) * width + x;
            use(taps[tap]!, to + down * width + right, to);
          }
}

/** The maximum of squares. An odd last row or column is dropped. */
function runMaxPool(
  { size }: LayerOf<"maxPool">,
  input: Float64Array,
  { shape: [channels, height, width] }: Place,
): Run {
  const [rows, columns] = [Math.floor(height! / size), Math.floor(width! / size)];
  const sources = Uint32Array.from({ length: channels! * rows * columns }, (_, place) => {
    const [row, column] = [Math.floor(place / columns) % rows, place % columns];
    const start = (Math.floor(place / (rows * columns)) * height! + row * size) * width! + column * size;
    let best = start;
    for (let y = 0; y < size; y++)
      for (let x = 0; x < size; x++) if (input[start + y * width! + x]! > input[best]!) best = start + y * width! + x;
    return best;
  });
  const back = (gradient: Float64Array) => {
    const result = new Float64Array(input.length);
    for (const [place, source] of sources.entries()) result[source]! += gradient[place]!;
    return result;
  };
  return { output: Float64Array.from(sources, (source) => input[source]!), back };
}

/**
 * The log odds (the last score minus the first) that the layers behind `depth` give, and their gradient with respect to
 * the input of these layers.
 * @param input [channels][height][width]
 */
export function logitAndGradient(
  { model, arrays, depth }: { readonly model: ModelDescription; readonly arrays: Arrays; readonly depth: number },
  input: Float64Array,
): { readonly logit: number; readonly gradient: Float64Array } {
  const shapes = layerShapes(model);
  const runs: Run[] = [];
  let value = input;
  for (const [index, layer] of model.layers.entries()) {
    if (index < depth) continue;
    const run = RUNS[layer.kind] as (layer: Layer, input: Float64Array, place: Place) => Run;
    runs.push(run(layer, value, { shape: shapes[index - 1]!, arrays }));
    value = runs.at(-1)!.output;
  }
  const gradient = runs.reduceRight<Float64Array>((above, { back }) => back(above), Float64Array.of(-1, 1));
  return { logit: value[1]! - value[0]!, gradient };
}
