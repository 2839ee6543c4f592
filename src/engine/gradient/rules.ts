/**
 * The gradient rules of all operations: how the gradients of an operation's results become the gradients of its inputs.
 */
import type { Node, Value } from "../graph/graph.ts";
import type { OpName } from "../graph/op_names.ts";
import { fixedSize, type Shape, sameShape, sizeOf } from "../graph/shape.ts";
import {
  add,
  divide,
  exponential,
  multiply,
  reluGradient,
  scale,
  shift,
  squareRoot,
  subtract,
} from "../ops/arithmetic.ts";
import { channelAffine, nonChannelAxes } from "../ops/channels.ts";
import { convolutionInputGradient, convolutionWeightGradient, matMul } from "../ops/linear.ts";
import { maxUnpool } from "../ops/pooling.ts";
import { reduceSum } from "../ops/reduction.ts";
import { expand, reshape, transpose } from "../ops/shaping.ts";

/**
 * The data for a rule: the node, its inputs x and results y, the gradients of the results, and which inputs need a
 * gradient.
 */
export interface RuleContext {
  readonly node: Node;
  readonly x: readonly Value[];
  readonly y: readonly Value[];
  /**
   * One per result; undefined if the loss does not depend on it. The first one is also a separate argument of the rule.
   */
  readonly gradients: readonly (Value | undefined)[];
  readonly needed: readonly boolean[];
}

/** The gradient of each input, in input order; undefined for an input that has no gradient or needs none. */
export type Rule = (gradient: Value, context: RuleContext) => (Value | undefined)[];

/**
 * "zero": the gradient is zero everywhere. "forbidden": no model has needed a rule yet, so differentiation throws an
 * error.
 */
export const GRADIENT_RULES = {
  Add: (g, { x }) => x.map((input) => sumTo(g, input.shape)),
  Sub: (g, { x: [a, b] }) => [sumTo(g, a!.shape), sumTo(scale(g, -1), b!.shape)],
  Mul: (g, { x: [a, b], needed }) => [
    needed[0] ? sumTo(multiply(g, b!), a!.shape) : undefined,
    needed[1] ? sumTo(multiply(g, a!), b!.shape) : undefined,
  ],
  Div: (g, { x: [a, b], y, needed }) => {
    const byNumerator = divide(g, b!);
    return [
      sumTo(byNumerator, a!.shape),
      needed[1] ? sumTo(scale(multiply(byNumerator, y[0]!), -1), b!.shape) : undefined,
    ];
  },
  Sqrt: (g, { y }) => [scale(divide(g, y[0]!), 0.5)],
  Exp: (g, { y }) => [multiply(g, y[0]!)],
  Log: (g, { x }) => [divide(g, x[0]!)],
  Relu: (g, { y }) => [reluGradient(g, y[0]!)],
  Identity: (g) => [g],
  MatMul: (g, { x: [a, b], needed }) => [
    needed[0] ? sumTo(matMul(g, swapLast(b!)), a!.shape) : undefined,
    needed[1] ? sumTo(matMul(swapLast(a!), g), b!.shape) : undefined,
  ],
  Transpose: (g, { node }) => {
    const order = node.attributes.perm as readonly number[];
    return [
      transpose(
        g,
        order.map((_, axis) => order.indexOf(axis)),
      ),
    ];
  },
  Reshape: (g, { x }) => [reshape(g, x[0]!.shape)],
  Flatten: (g, { x }) => [reshape(g, x[0]!.shape)],
  Expand: (g, { x }) => [sumTo(g, x[0]!.shape)],
  ReduceSum: (g, { node, x }) => [spread(g, node, x[0]!)],
  ReduceMean: (g, { node, x, y }) => [spread(scale(g, sizeOf(y[0]!.shape) / sizeOf(x[0]!.shape)), node, x[0]!)],
  Conv: (g, { node, x: [image, weight, bias], needed }) => {
    const groups = { groups: node.attributes.group as number };
    return [
      needed[0] ? convolutionInputGradient(g, weight!, groups) : undefined,
      needed[1] ? convolutionWeightGradient(image!, g, weight!.shape, groups) : undefined,
      bias ? reduceSum(g, [0, 2, 3]) : undefined,
    ];
  },
  MaxPool: (g, { node, x, y }) => [maxUnpool(g, y[1]!, x[0]!, (node.attributes.kernel_shape as number[])[0]!)],
  LogSoftmax: (g, { y }) => [subtract(g, multiply(exponential(y[0]!), reduceSum(g, [lastAxis(g)], true)))],
  Softmax: (g, { y }) => [multiply(y[0]!, subtract(g, reduceSum(multiply(g, y[0]!), [lastAxis(g)], true)))],
  NormalizeBatch: (g, context) => normalizeBatchGradient(g, context),
  ChannelAffine: (g, { x: [image, slope], needed }) => [
    needed[0] ? channelAffine(g, slope!, channelZeros(g)) : undefined,
    needed[1] ? reduceSum(multiply(g, image!), nonChannelAxes(g)) : undefined,
    needed[2] ? reduceSum(g, nonChannelAxes(g)) : undefined,
  ],
  BatchNormalization: (g, context) => fixedNormalizationGradient(g, context),
  Cast: "zero",
  Floor: "zero",
  HardSigmoid: "forbidden",
  Clip: "forbidden",
  Slice: "forbidden",
  Concat: "forbidden",
  Pad: "forbidden",
  ReduceSumSquare: "forbidden",
  ReduceMax: "forbidden",
  MaxUnpool: "forbidden",
  Resize: "forbidden",
  GridSample: "forbidden",
  GatherElements: "forbidden",
  ReluGradient: "forbidden",
  ConvInputGradient: "forbidden",
  ConvWeightGradient: "forbidden",
} as const satisfies Record<OpName, Rule | "zero" | "forbidden">;

const lastAxis = (x: Value): number => x.shape.length - 1;
const channelZeros = (x: Value): Value => x.graph.constant(new Float32Array(fixedSize(x.shape[1]!)), [x.shape[1]!]);

/**
 * Let r = 1 / sqrt(variance + epsilon), the normalized x^ = (x - mean) * r, and n the number of elements per channel.
 * The gradient of the scale is s = sum g x^, that of the offset is t = sum g, and that of x is scale * r * (g - t / n -
 * x^ s / n) (Ioffe & Szegedy 2015). The code writes the last one as an affine map of g plus an affine map of x.
 */
function normalizeBatchGradient(g: Value, { node, x: [image, factor], y: [, mean, variance] }: RuleContext): Value[] {
  const axes = nonChannelAxes(g);
  const count = sizeOf(g.shape) / fixedSize(g.shape[1]!);
  const spread = squareRoot(shift(variance!, node.attributes.epsilon as number));
  const byOffset = reduceSum(g, axes);
  const byScale = divide(subtract(reduceSum(multiply(g, image!), axes), multiply(mean!, byOffset)), spread);
  const slope = divide(factor!, spread);
  const slopeOfImage = scale(divide(multiply(slope, byScale), spread), -1 / count);
  const offset = subtract(scale(multiply(slope, byOffset), -1 / count), multiply(slopeOfImage, mean!));
  const byImage = add(channelAffine(g, slope, offset), channelAffine(image!, slopeOfImage, channelZeros(g)));
  return [byImage, byScale, byOffset];
}

/**
 * Normalization with given statistics is an affine map per channel. Let r = 1 / sqrt(variance + epsilon), s = sum g (x
 * - mean) and t = sum g. The gradients are scale * r * g for x, r * s for the scale, t for the offset, -scale * r * t
 * for the mean, and -scale * r^3 * s / 2 for the variance.
 */
function fixedNormalizationGradient(
  g: Value,
  { node, x: [image, factor, , mean, variance], needed }: RuleContext,
): (Value | undefined)[] {
  const axes = nonChannelAxes(g);
  const spread = squareRoot(shift(variance!, node.attributes.epsilon as number));
  const slope = divide(factor!, spread);
  const byImage = needed[0] ? channelAffine(g, slope, channelZeros(g)) : undefined;
  if (!needed.slice(1).includes(true)) return [byImage];
  const byOffset = reduceSum(g, axes);
  const byScale = divide(subtract(reduceSum(multiply(g, image!), axes), multiply(mean!, byOffset)), spread);
  const byMean = scale(multiply(slope, byOffset), -1);
  const byVariance = scale(divide(multiply(slope, byScale), spread), -0.5);
  return [byImage, byScale, byOffset, byMean, byVariance];
}

/** Swaps the last two axes. */
function swapLast(x: Value): Value {
  const axes = x.shape.map((_, axis) => axis);
  return transpose(x, [...axes.slice(0, -2), axes.at(-1)!, axes.at(-2)!]);
}

/** Undoes broadcasting: sums the gradient over the repeated axes. */
function sumTo(gradient: Value, shape: Shape): Value {
  if (sameShape(gradient.shape, shape)) return gradient;
  const added = gradient.shape.length - shape.length;
  const repeated = gradient.shape
    .map((_, axis) => axis)
    .filter((axis) => axis < added || (shape[axis - added] === 1 && gradient.shape[axis] !== 1));
  return reshape(reduceSum(gradient, repeated, true), shape);
}

/** Undoes a reduction: every element gets the gradient of the result to which it contributed. */
function spread(gradient: Value, node: Node, like: Value): Value {
  const axes = node.inputs[1]!.graph.constants.get(node.inputs[1]!) as BigInt64Array;
  const kept = like.shape.map((length, axis) => (axes.includes(BigInt(axis)) ? 1 : length));
  return expand(reshape(gradient, kept), like.shape);
}
