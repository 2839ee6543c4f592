/** The lowerings that are the same on every device: gradients of ReLU and convolutions, and affine maps per channel. */
import type { Value } from "../../graph/graph.ts";
import { fixedSize } from "../../graph/shape.ts";
import { hardSigmoid, multiply } from "../../ops/arithmetic.ts";
import { batchNormalization } from "../../ops/channels.ts";
import { convolution, matMul, samePadding } from "../../ops/linear.ts";
import { reduceSum } from "../../ops/reduction.ts";
import { concatenate, pad, reshape, reverse, transpose } from "../../ops/shaping.ts";
import type { LoweringTable } from "./lower.ts";

/** A slope so steep that every positive float32 above 1e-30 becomes 1. */
export const STEEP = 1e30;

export const COMMON_LOWERING = {
  ChannelAffine: ([x, slope, offset]) => {
    const [mean, variance] = unitStatistics(x!);
    return [batchNormalization(x!, { scale: slope!, offset: offset! }, { mean, variance }, 0)];
  },
  ReluGradient: ([gradient, output]) => [multiply(gradient!, hardSigmoid(output!, STEEP, 0))],
  ConvInputGradient: ([gradient, weight], node) => {
    const groups = node.attributes.group as number;
    const flipped = weight!.shape
      .slice(2)
      .reduce<Value>((w, size, axis) => (size === 1 ? w : reverse(w, axis + 2)), weight!);
    if (groups === 1) return [convolution(gradient!, transpose(flipped, [1, 0, 2, 3]), undefined, { groups })];
    requireDepthwise(gradient!, groups);
    return [convolution(gradient!, flipped, undefined, { groups })];
  },
  ConvWeightGradient: ([x, gradient], node) => {
    const groups = node.attributes.group as number;
    const weight = node.outputs[0]!;
    const kernel = weight.shape.slice(2).map(fixedSize) as [number, number];
    if (groups > 1) {
      requireDepthwise(gradient!, groups);
      return [depthwiseWeightGradient(x!, gradient!, kernel)];
    }
    return [
      kernel[0] === 1 && kernel[1] === 1
        ? pointwiseWeightGradient(x!, gradient!)
        : denseWeightGradient(x!, gradient!, kernel),
    ];
  },
} as const satisfies LoweringTable;

/** Mean 0 and variance 1 of each channel. */
function unitStatistics({ graph, shape }: Value): [mean: Value, variance: Value] {
  const length = fixedSize(shape[1]!);
  return [
    graph.constant(new Float32Array(length), [length], "zeros"),
    graph.constant(new Float32Array(length).fill(1), [length], "ones"),
  ];
}

function requireDepthwise(gradient: Value, groups: number): void {
  if (groups !== gradient.shape[1]) throw new Error("Grouped convolutions are supported with one channel per group.");
}

/** [N, O, HW] times [N, HW, C], summed over N, gives [O, C, 1, 1]. */
function pointwiseWeightGradient(x: Value, gradient: Value): Value {
  const rows = (image: Value) =>
    reshape(image, [image.shape[0]!, image.shape[1]!, fixedSize(image.shape[2]!) * fixedSize(image.shape[3]!)]);
  const products = matMul(rows(gradient), transpose(rows(x), [0, 2, 1]));
  return reshape(reduceSum(products, [0]), [gradient.shape[1]!, x.shape[1]!, 1, 1]);
}

/**
 * Computes [C, 1, h, w] with one matrix product per channel: gradient columns x image columns, over all rows of all
 * images. The gradient is repeated for each kernel row, moved up or down. Kernel column j is then a diagonal of the
 * product, and a constant matrix adds up the diagonals. Slicing, multiplying and summing for each kernel element takes
 * four times as long. The product has no more columns than rows, so its sums do not depend on the threads (see
 * splitLongProduct in cpu.ts).
 */
function depthwiseWeightGradient(x: Value, gradient: Value, kernel: [number, number]): Value {
  const [n, channels, rows, columns] = x.shape.map(fixedSize) as [number, number, number, number];
  const [height, width] = kernel;
  const byChannel = (image: Value) => transpose(image, [1, 0, 2, 3]);
  const swapped = byChannel(gradient);
  const moved = Array.from({ length: height }, (_, i) => moveRows(swapped, samePadding(height) - i));
  const left = reshape(concatenate(moved, 3), [channels, n * rows, height * columns]);
  const right = reshape(byChannel(x), [channels, n * rows, columns]);
  const products = reshape(matMul(transpose(left, [0, 2, 1]), right), [channels, height * columns * columns]);
  return reshape(matMul(products, diagonals(x, columns, kernel)), [channels, 1, height, width]);
}

/** Moves x [C, N, H, W] up by `rows` (down if negative) and fills with zeros. A negative pad crops. */
function moveRows(x: Value, rows: number): Value {
  return rows === 0 ? x : pad(x, [0, 0, -rows, 0], [0, 0, rows, 0]);
}

/**
 * The constant matrix that adds up diagonals: product element [i * columns + w, w + j - (width - 1) / 2] is added to
 * kernel element [i, j].
 */
function diagonals({ graph }: Value, columns: number, [height, width]: [number, number]): Value {
  const shape = [height * columns * columns, height * width];
  const matrix = new Float32Array(shape[0]! * shape[1]!);
  for (let i = 0; i < height; i++) {
    for (let j = 0; j < width; j++) {
      for (let w = 0; w < columns; w++) {
        const column = w + j - samePadding(width);
        if (column < 0 || column >= columns) continue;
        matrix[((i * columns + w) * columns + column) * height * width + i * width + j] = 1;
      }
    }
  }
  return graph.constant(matrix, shape, "diagonals");
}

/** A convolution over the batch, with the images as weights. Returns [O, C, h, w]. */
function denseWeightGradient(x: Value, gradient: Value, kernel: [number, number]): Value {
  const swap = (image: Value) => transpose(image, [1, 0, 2, 3]);
  const [py, px] = kernel.map(samePadding) as [number, number];
  const attributes = { group: 1, kernel_shape: gradient.shape.slice(2).map(fixedSize), pads: [py, px, py, px] };
  const shape = [x.shape[1]!, gradient.shape[1]!, ...kernel];
  return swap(x.graph.emit("Conv", [swap(x), swap(gradient)], [{ type: "float32", shape }], attributes)[0]!);
}
