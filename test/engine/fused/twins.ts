/**
 * The twins: what each fused kernel computes, written plainly. Sums are float64; what is done number by number is rounded
 * after each operation as float32 is, so that it can be asked for exactly. All planes are dense, with zeros around them.
 */
import { EDGE_PIXELS, type FillMode } from "../../../src/engine/nn/fill.ts";

/** Planes [n][c][h][w]. */
export interface Shape {
  n: number;
  c: number;
  h: number;
  w: number;
}

type Numbers = Float32Array | Float64Array;
const { fround, floor } = Math;

/** Calls with each plane's start and channel. */
function eachPlane({ n, c, h, w }: Shape, visit: (start: number, channel: number, plane: number) => void): void {
  for (let plane = 0; plane < n * c; plane++) visit(plane * h * w, plane % c, plane);
}

/** Calls with each pixel and tap that meet: offsets of output pixel and input pixel in the plane, and the tap. */
function eachTap({ h, w }: Shape, visit: (output: number, input: number, tap: number) => void): void {
  for (let y = 0; y < h; y++) {
    for (let x = 0; x < w; x++) {
      for (let tap = 0; tap < 9; tap++) {
        const [row, column] = [y + floor(tap / 3) - 1, x + (tap % 3) - 1];
        if (row >= 0 && row < h && column >= 0 && column < w) visit(y * w + x, row * w + column, tap);
      }
    }
  }
}

/** Depthwise 3x3 correlation, padding 1. */
export function depthwise(x: Numbers, weights: Numbers, shape: Shape): Float64Array {
  const result = new Float64Array(x.length);
  eachPlane(shape, (start, channel) => {
    eachTap(shape, (output, input, tap) => {
      result[start + output]! += weights[channel * 9 + tap]! * x[start + input]!;
    });
  });
  return result;
}

export function depthwiseInputGradient(g: Numbers, weights: Numbers, shape: Shape): Float64Array {
  const result = new Float64Array(g.length);
  eachPlane(shape, (start, channel) => {
    eachTap(shape, (output, input, tap) => {
      result[start + input]! += weights[channel * 9 + tap]! * g[start + output]!;
    });
  });
  return result;
}

/** By image: [n][c][9]. */
export function depthwiseWeightGradient(x: Numbers, g: Numbers, shape: Shape): Float64Array {
  const result = new Float64Array(shape.n * shape.c * 9);
  eachPlane(shape, (start, _, plane) => {
    eachTap(shape, (output, input, tap) => {
      result[plane * 9 + tap]! += g[start + output]! * x[start + input]!;
    });
  });
  return result;
}

/** A place in pixels brought into an image by a way to fill what lies around it, or undefined for a constant. */
function inside(place: number, size: number, fill: FillMode): number | undefined {
  const last = size - 1;
  if (fill === "constant" && (place < -EDGE_PIXELS || place > last + EDGE_PIXELS)) return undefined;
  let at = place;
  if (fill === "reflect") {
    const inPeriod = at + 0.5 - 2 * size * floor((at + 0.5) / (2 * size));
    at = (inPeriod < size ? inPeriod : 2 * size - inPeriod) - 0.5;
  }
  if (fill === "wrap" && (at < -EDGE_PIXELS || at > last + EDGE_PIXELS)) at -= last * floor(at / last);
  return Math.min(Math.max(at, 0), last);
}

/** Images moved by a matrix [2][3], outside filled with `fill` or the value -1, and at each pixel the largest difference between the four that it lies between. */
export function moved(
  x: Numbers,
  matrix: Numbers,
  shape: Shape,
  fill: FillMode = "nearest",
): { values: Float64Array; slope: Float64Array } {
  const { h, w } = shape;
  const [values, slope] = [new Float64Array(x.length), new Float64Array(x.length)];
  eachPlane(shape, (start) => {
    for (let i = 0; i < h * w; i++) {
      const [across, down] = [(2 * (i % w) + 1) / w - 1, (2 * floor(i / w) + 1) / h - 1];
      const at = (row: number, size: number) => {
        const unit = matrix[row * 3]! * across + matrix[row * 3 + 1]! * down + matrix[row * 3 + 2]!;
        return inside(((unit + 1) * size - 1) / 2, size, fill);
      };
      const [px, py] = [at(0, w), at(1, h)];
      if (px === undefined || py === undefined) {
        values[start + i] = -1;
        continue;
      }
      const [left, top] = [Math.min(floor(px), w - 2), Math.min(floor(py), h - 2)];
      const [a, b, c, d] = [0, 1, w, w + 1].map((k) => x[start + top * w + left + k]!) as [
        number,
        number,
        number,
        number,
      ];
      const mix = (from: number, to: number, share: number) => from + (to - from) * share;
      values[start + i] = mix(mix(a, b, px - left), mix(c, d, px - left), py - top);
      // Rounding may also move the place into a neighbour: twice the largest number that there is.
      slope[start + i] = 8;
    }
  });
  return { values, slope };
}

/** 1x1 convolution: weights [outputs][c]. */
export function pointwise(x: Numbers, weights: Numbers, { n, c, h, w }: Shape): Float64Array {
  const [outputs, pixels] = [weights.length / c, h * w];
  return Float64Array.from({ length: n * outputs * pixels }, (_, i) => {
    const [image, output, pixel] = [floor(i / (outputs * pixels)), floor(i / pixels) % outputs, i % pixels];
    let sum = 0;
    for (let k = 0; k < c; k++) sum += weights[output * c + k]! * x[(image * c + k) * pixels + pixel]!;
    return sum;
  });
}

export function biasRelu(x: Float32Array, bias: Float32Array, shape: Shape): Float32Array {
  return byChannel(shape, (i, channel) => Math.max(fround(x[i]! + bias[channel]!), 0));
}

export function normalized(x: Float32Array, slope: Float32Array, offset: Float32Array, shape: Shape): Float32Array {
  return byChannel(shape, (i, channel) => fround(fround(slope[channel]! * x[i]!) + offset[channel]!));
}

/** x > 0 ? a * g + b * x + offset : 0. */
export function reluBackward(
  g: Float32Array,
  x: Float32Array,
  [a, b, offset]: readonly [Float32Array, Float32Array, Float32Array],
  shape: Shape,
): Float32Array {
  return byChannel(shape, (i, channel) => {
    const sum = fround(fround(a[channel]! * g[i]!) + fround(b[channel]! * x[i]!));
    return x[i]! > 0 ? fround(sum + offset[channel]!) : 0;
  });
}

/** By image and channel the sums of several values: [n][c][of.length]. */
export function sums(shape: Shape, of: readonly ((index: number) => number)[]): Float64Array {
  const result = new Float64Array(shape.n * shape.c * of.length);
  eachPlane(shape, (start, _, plane) => {
    for (let i = start; i < start + shape.h * shape.w; i++) {
      of.forEach((value, k) => {
        result[plane * of.length + k]! += value(i);
      });
    }
  });
  return result;
}

/** Dropout as the kernels take it; without bytes nothing is dropped and nothing scaled. */
export interface Dropout {
  bytes?: Uint8Array;
  threshold: number;
  keepScale: number;
}

/** Maxima of 2x2 windows, with dropout, and their places. */
export function pooled(x: Float32Array, shape: Shape, dropout: Dropout): { output: Float32Array; places: Uint8Array } {
  const { n, c, h, w } = shape;
  const [rows, columns] = [floor(h / 2), floor(w / 2)];
  const output = new Float32Array(n * c * rows * columns);
  const places = new Uint8Array(output.length);
  for (let i = 0; i < output.length; i++) {
    const window = windowOf(i, shape).map((index) => x[index]!);
    const best = Math.max(...window);
    const isDropped = dropout.bytes !== undefined && dropout.bytes[i]! < dropout.threshold;
    output[i] = isDropped ? 0 : dropout.bytes ? best * fround(dropout.keepScale) : best;
    places[i] = isDropped ? 4 : window.indexOf(best);
  }
  return { output, places };
}

export function unpooled(gradient: Float32Array, places: Uint8Array, keepScale: number, shape: Shape): Float32Array {
  const result = new Float32Array(shape.n * shape.c * shape.h * shape.w);
  gradient.forEach((g, i) => {
    const at = windowOf(i, shape)[places[i]!];
    if (at !== undefined) result[at] = g * fround(keepScale);
  });
  return result;
}

/** The four indices of the window behind a pooled index, rows first. */
function windowOf(index: number, { h, w }: Shape): number[] {
  const [rows, columns] = [floor(h / 2), floor(w / 2)];
  const plane = floor(index / (rows * columns));
  const y = floor(index / columns) % rows;
  const first = plane * h * w + 2 * y * w + 2 * (index % columns);
  return [first, first + 1, first + w, first + w + 1];
}

function byChannel(shape: Shape, value: (index: number, channel: number) => number): Float32Array {
  const result = new Float32Array(shape.n * shape.c * shape.h * shape.w);
  eachPlane(shape, (start, channel) => {
    for (let i = start; i < start + shape.h * shape.w; i++) result[i] = value(i, channel);
  });
  return result;
}
