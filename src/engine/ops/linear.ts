/** Matrix products and convolutions. Images are [N, C, H, W]. */
import type { Value } from "../graph/graph.ts";
import { broadcastShape, fixedSize, type Shape, shapeText } from "../graph/shape.ts";

/** a [..., M, K] times b [..., K, N]: [..., M, N], the leading axes broadcast. */
export function matMul(a: Value, b: Value): Value {
  const [rows, inner] = a.shape.slice(-2);
  const [innerOfB, columns] = b.shape.slice(-2);
  if (a.shape.length < 2 || b.shape.length < 2 || inner !== innerOfB) {
    throw new Error(`MatMul: ${shapeText(a.shape)} and ${shapeText(b.shape)} do not fit together.`);
  }
  const shape = [...broadcastShape(a.shape.slice(0, -2), b.shape.slice(0, -2)), rows!, columns!];
  return a.graph.emit("MatMul", [a, b], [{ type: a.type, shape }])[0]!;
}

/** How a convolution walks: stride 1, and zeros around the image so that the size stays. */
export interface ConvolutionOptions {
  /** The channels fall into this many groups that do not see each other. */
  readonly groups: number;
}

/** The zeros on each side that keep the size, for an odd kernel. */
export function samePadding(kernelSize: number): number {
  if (kernelSize % 2 === 0) throw new Error(`Conv: the kernel size must be odd, but is ${kernelSize}.`);
  return (kernelSize - 1) / 2;
}

function convolutionAttributes(weightShape: Shape, groups: number) {
  const [height, width] = weightShape.slice(2).map(fixedSize) as [number, number];
  const [y, x] = [samePadding(height), samePadding(width)];
  return { group: groups, kernel_shape: [height, width], pads: [y, x, y, x] };
}

/** x [N, C, H, W] convolved with weight [O, C / groups, h, w], plus bias [O]: [N, O, H, W]. */
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

/** The gradient of convolution by its image: gradient [N, O, H, W], weight [O, C / groups, h, w] -> [N, C, H, W]. */
export function convolutionInputGradient(gradient: Value, weight: Value, options: ConvolutionOptions): Value {
  const shape = gradient.shape.with(1, fixedSize(weight.shape[1]!) * options.groups);
  const attributes = { group: options.groups };
  return gradient.graph.emit("ConvInputGradient", [gradient, weight], [{ type: "float32", shape }], attributes)[0]!;
}

/** The gradient of convolution by its weight, whose shape must be given. */
export function convolutionWeightGradient(
  x: Value,
  gradient: Value,
  weightShape: Shape,
  options: ConvolutionOptions,
): Value {
  const result = { type: "float32", shape: weightShape } as const;
  return x.graph.emit("ConvWeightGradient", [x, gradient], [result], { group: options.groups })[0]!;
}
