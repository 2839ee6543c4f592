/** Elementwise operations, with numpy's broadcasting. */
import type { ElementType, Value } from "../graph/graph.ts";
import type { OnnxOp } from "../graph/op_names.ts";
import { broadcastShape } from "../graph/shape.ts";

function unary(op: OnnxOp, x: Value, attributes: Record<string, number> = {}): Value {
  return x.graph.emit(op, [x], [{ type: x.type, shape: x.shape }], attributes)[0]!;
}

function binary(op: OnnxOp, a: Value, b: Value): Value {
  if (a.type !== b.type) throw new Error(`${op}: ${a.type} and ${b.type} do not fit together.`);
  return a.graph.emit(op, [a, b], [{ type: a.type, shape: broadcastShape(a.shape, b.shape) }])[0]!;
}

export const add = (a: Value, b: Value): Value => binary("Add", a, b);
export const subtract = (a: Value, b: Value): Value => binary("Sub", a, b);
export const multiply = (a: Value, b: Value): Value => binary("Mul", a, b);
export const divide = (a: Value, b: Value): Value => binary("Div", a, b);
export const squareRoot = (x: Value): Value => unary("Sqrt", x);
export const exponential = (x: Value): Value => unary("Exp", x);
/** The natural logarithm. */
export const logarithm = (x: Value): Value => unary("Log", x);
export const identity = (x: Value): Value => unary("Identity", x);

/** x * a number. */
export const scale = (x: Value, factor: number): Value => multiply(x, x.graph.scalar(factor));
/** x + a number. */
export const shift = (x: Value, offset: number): Value => add(x, x.graph.scalar(offset));

/** 1 / (1 + exp(-x)). */
export const sigmoid = (x: Value): Value => divide(x.graph.scalar(1), shift(exponential(scale(x, -1)), 1));

/** max(x, 0). */
export const relu = (x: Value): Value => unary("Relu", x);

/** max(0, min(1, alpha * x + beta)). It is also the cheapest way to compute a mask of 0 and 1. */
export const hardSigmoid = (x: Value, alpha: number, beta: number): Value => unary("HardSigmoid", x, { alpha, beta });

/** max(low, min(high, x)). */
export function clip(x: Value, low: number, high: number): Value {
  const { graph } = x;
  return graph.emit("Clip", [x, graph.scalar(low), graph.scalar(high)], [{ type: x.type, shape: x.shape }])[0]!;
}

/** Rounds down to a whole number. */
export const floor = (x: Value): Value => unary("Floor", x);

/** The absolute value. */
export const absolute = (x: Value): Value => add(relu(x), relu(scale(x, -1)));

/** ONNX's numbers for the element types. */
const ELEMENT_TYPE_NUMBERS: Record<ElementType, number> = { float32: 1, uint8: 2, int32: 6, int64: 7, bool: 9 };

/** Converts the values to another element type. */
export function cast(x: Value, type: ElementType): Value {
  if (x.type === type) return x;
  return x.graph.emit("Cast", [x], [{ type, shape: x.shape }], { to: ELEMENT_TYPE_NUMBERS[type] })[0]!;
}

/** The gradient of relu: the gradient if the output is above 0, and 0 otherwise. */
export function reluGradient(gradient: Value, output: Value): Value {
  return gradient.graph.emit("ReluGradient", [gradient, output], [gradient])[0]!;
}
