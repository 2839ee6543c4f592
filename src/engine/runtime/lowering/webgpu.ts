/**
 * Lowers what ONNX Runtime 1.30 cannot run on WebGPU: GridSample, LogSoftmax, MaxPool with places, MaxUnpool, and batch
 * normalization in training. Also computes sums over images in two steps, so that many threads share the work.
 */
import type { Value } from "../../graph/graph.ts";
import { fixedSize } from "../../graph/shape.ts";
import {
  add,
  cast,
  clip,
  divide,
  exponential,
  hardSigmoid,
  logarithm,
  multiply,
  scale,
  shift,
  squareRoot,
  subtract,
} from "../../ops/arithmetic.ts";
import { channelAffine } from "../../ops/channels.ts";
import { reduceMax, reduceMean, reduceSum } from "../../ops/reduction.ts";
import { gatherLast } from "../../ops/sampling.ts";
import { concatenate, crop, expand, pad, reshape, transpose } from "../../ops/shaping.ts";
import { COMMON_LOWERING, STEEP } from "./common.ts";
import type { LoweringTable, Replacement } from "./lower.ts";

export const WEBGPU_LOWERING: LoweringTable = {
  ...COMMON_LOWERING,
  GridSample: ([x, grid]) => [readBilinear(x!, grid!)],
  LogSoftmax: ([x]) => {
    const last = [x!.shape.length - 1];
    const below = subtract(x!, reduceMax(x!, last, true));
    return [subtract(below, logarithm(reduceSum(exponential(below), last, true)))];
  },
  MaxPool: ([x], node) => (node.outputs.length === 1 ? undefined : poolWithPlaces(x!, kernelOf(node))),
  MaxUnpool: ([values, places], node) => [toPlaces(values!, places!, node.outputs[0]!, kernelOf(node))],
  NormalizeBatch: ([x, slope, offset], node) => normalize(x!, slope!, offset!, node.attributes.epsilon as number),
  ReduceSum: inTwoSteps(reduceSum),
  ReduceMean: inTwoSteps(reduceMean),
};

type PoolNode = Parameters<Replacement>[1];
const kernelOf = ({ attributes }: PoolNode): number => (attributes.kernel_shape as readonly number[])[0]!;

/**
 * Reduces [N, C, H, W] over all axes except the channels: first over the pixels of each plane, which are adjacent in
 * memory, then over the images.
 */
function inTwoSteps(fold: typeof reduceSum): Replacement {
  return ([x, axes], { outputs }) => {
    const places = [...(x!.graph.constants.get(axes!) as BigInt64Array)].map(Number);
    if (x!.shape.length !== 4 || places.join() !== "0,2,3" || outputs[0]!.shape.length !== 1) return undefined;
    return [fold(fold(x!, [2, 3]), [0])];
  };
}

/** The variance is the mean of squared distances from the mean; mean(x^2) - mean^2 would lose too many digits. */
function normalize(x: Value, slope: Value, offset: Value, epsilon: number): Value[] {
  const axes = x.shape.map((_, axis) => axis).filter((axis) => axis !== 1);
  const column = (channels: Value) => reshape(channels, [channels.shape[0]!, ...axes.slice(1).map(() => 1)]);
  const mean = reduceMean(x, axes);
  const distance = subtract(x, column(mean));
  const variance = reduceMean(multiply(distance, distance), axes);
  const factor = divide(slope, squareRoot(shift(variance, epsilon)));
  return [channelAffine(distance, factor, offset), mean, variance];
}

/**
 * Reads x [N, C, H, W] at grid [N, h, w, 2]: the four pixels around a position, each weighted by its nearness; see
 * gridSample.
 */
function readBilinear(x: Value, grid: Value): Value {
  const [n, channels, height, width] = x.shape.map(fixedSize) as [number, number, number, number];
  const [, rows, columns] = grid.shape.map(fixedSize) as [number, number, number, number];
  const count = rows * columns;
  /** Along one axis: the pixels before and after each position, and the nearness of the position to each. */
  const around = (axis: number, length: number) => {
    const places = reshape(crop(grid, 3, axis, 1 - axis), [n, 1, count]);
    const inside = clip(shift(scale(places, length / 2), (length - 1) / 2), 0, length - 1);
    const before = cast(cast(inside, "int32"), "float32");
    const share = subtract(inside, before);
    const pixels = [before, clip(shift(before, 1), 0, length - 1)] as const;
    return { pixels, nearness: [shift(scale(share, -1), 1), share] as const };
  };
  const [across, down] = [around(0, width), around(1, height)];
  const corners = [0, 1].flatMap((row) => [0, 1].map((column) => [row, column] as const));
  const places = corners.map(([row, column]) => add(scale(down.pixels[row]!, width), across.pixels[column]!));
  const nearness = corners.map(([row, column]) => multiply(down.nearness[row]!, across.nearness[column]!));
  const all = expand(concatenate(places, 2), [n, channels, corners.length * count]);
  const read = gatherLast(reshape(x, [n, channels, height * width]), cast(all, "int32"));
  const weighted = reshape(multiply(read, concatenate(nearness, 2)), [n, channels, corners.length, count]);
  return reshape(reduceSum(weighted, [2]), [n, channels, rows, columns]);
}

/**
 * The elements of x [N, C, H, W] by their place in a window: [size * size, N, C, h, w]. Incomplete windows at the ends
 * are omitted.
 */
function windowsOf(x: Value, size: number): Value {
  const [n, channels, height, width] = x.shape.map(fixedSize) as [number, number, number, number];
  const [rows, columns] = [Math.floor(height / size), Math.floor(width / size)];
  const whole = crop(crop(x, 2, 0, height - rows * size), 3, 0, width - columns * size);
  const split = reshape(whole, [n, channels, rows, size, columns, size]);
  return reshape(transpose(split, [3, 5, 0, 1, 2, 4]), [size * size, n, channels, rows, columns]);
}

/**
 * The maximum of each window. Instead of its index, the second result is a mask in the order of windowsOf: 1 at the
 * maximum, 0 elsewhere.
 */
function poolWithPlaces(x: Value, size: number): Value[] {
  const windows = windowsOf(x, size);
  const [area, ...shape] = windows.shape.map(fixedSize) as [number, number, number, number, number];
  const attributes = { kernel_shape: [size, size], strides: [size, size] };
  const [largest] = x.graph.emit("MaxPool", [x], [{ type: "float32", shape }], attributes);
  const equals = hardSigmoid(subtract(windows, largest!), STEEP, 1);
  // On a tie the first value wins: it has the highest rank.
  const ranks = Float32Array.from({ length: area }, (_, place) => area - place);
  const ranked = multiply(equals, x.graph.constant(ranks, [area, 1, 1, 1, 1], "ranks"));
  return [largest!, hardSigmoid(subtract(ranked, reduceMax(ranked, [0], true)), STEEP, 1)];
}

/**
 * Puts each value at the place in its window that poolWithPlaces marked, in an image with the shape of `like`. All
 * other elements are zero.
 */
function toPlaces(values: Value, places: Value, like: { shape: Value["shape"] }, size: number): Value {
  const [n, channels, rows, columns] = values.shape.map(fixedSize) as [number, number, number, number];
  const spread = reshape(multiply(places, values), [size, size, n, channels, rows, columns]);
  const whole = reshape(transpose(spread, [2, 3, 4, 0, 5, 1]), [n, channels, rows * size, columns * size]);
  const [height, width] = like.shape.slice(2).map(fixedSize) as [number, number];
  const rest = [0, 0, height - rows * size, width - columns * size];
  return rest.every((length) => length === 0) ? whole : pad(whole, [0, 0, 0, 0], rest);
}
