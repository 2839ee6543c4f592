/** Matrix products and convolutions. Images are [N, C, H, W]. */
import type { Value } from "../graph/graph.ts";
import { broadcastShape, fixedSize, type Shape, shapeText } from "../graph/shape.ts";

/** a [..., M, K] times b [..., K, N] gives [..., M, N]. The leading axes are broadcast. */
export function matMul(a: Value, b: Value): Value {
  const [rows, inner] = a.shape.slice(-2);
  const [innerOfB, columns] = b.shape.slice(-2);
  if (a.shape.length < 2 || b.shape.length < 2 || inner !== innerOfB) {
    throw new Error(`MatMul: ${shapeText(a.shape)} and ${shapeText(b.shape)} do not fit together.`);
  }
  const shape = [...broadcastShape(a.shape.slice(0, -2), b.shape.slice(0, -2)), rows!, columns!];
  return a.graph.emit("MatMul", [a, b], [{ type: a.type, shape }])[0]!;
}

/**
 * The options of a convolution. Its stride is always 1, and it pads the image with zeros so that the size does not
 * change.
 */
export interface ConvolutionOptions {
  /** The channels are divided into this many independent groups. */
  readonly groups: number;
}

/**
 * The number of zeros per side that keeps the size.
 * @throws Error if the kernel size is not odd.
 */
export function samePadding(kernelSize: number): number {
  if (kernelSize % 2 === 0) throw new Error(`Conv: the kernel size must be odd, but is ${kernelSize}.`);
  return (kernelSize - 1) / 2;
}

function convolutionAttributes(weightShape: Shape, groups: number) {
  const [height, width] = weightShape.slice(2).map(fixedSize) as [number, number];
  const [y, x] = [samePadding(height), samePadding(width)];
  return { group: groups, kernel_shape: [height, width], pads: [y, x, y, x] };
}

/** Convolves x [N, C, H, W] with weight [O, C / groups, h, w] and adds bias [O]: [N, O, H, W]. */
export function convolution(x: Value, weight: Value, bias: Value | undefined, options: ConvolutionOptions): Value {
  const [outputs, inputs] = weight.shape as number[];
  if (fixedSize(x.shape[1]!) !== inputs! * options.groups) {
    throw new Error(`Conv: the weight ${shapeText(weight.shape)} does not fit the image ${shapeText(x.shape)}.`);
  }
  const operands = bias ? [x, weight, bias] : [x, weight];
  const shape = x.shape.with(1, outputs!);
  const attributes = convolutionAttributes(weight.shape, options.groups);
  return x.graph.emit("Conv", operands, [{ type: x.type, shape }], attributes)[0]!;
}

/**
 * The gradient of convolution with respect to its image, from gradient [N, O, H, W] and weight [O, C / groups, h, w]:
 * [N, C, H, W].
 */
export function convolutionInputGradient(gradient: Value, weight: Value, options: ConvolutionOptions): Value {
  const shape = gradient.shape.with(1, fixedSize(weight.shape[1]!) * options.groups);
  const attributes = { group: options.groups };
  return gradient.graph.emit("ConvInputGradient", [gradient, weight], [{ type: "float32", shape }], attributes)[0]!;
}

/** The gradient of convolution with respect to its weight, which has the shape `weightShape`. */
export function convolutionWeightGradient(
  x: Value,
  gradient: Value,
  weightShape: Shape,
  options: ConvolutionOptions,
): Value {
  const result = { type: "float32", shape: weightShape } as const;
  return x.graph.emit("ConvWeightGradient", [x, gradient], [result], { group: options.groups })[0]!;
}
