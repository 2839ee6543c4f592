/** Operations that move elements without changing them. */
import type { Value } from "../graph/graph.ts";
import { type Dimension, fixedSize, type Shape, sameShape, shapeText, sizeOf } from "../graph/shape.ts";

/** The same elements in the same order, with another fixed shape. */
export function reshape(x: Value, shape: Shape): Value {
  if (sizeOf(x.shape) !== sizeOf(shape)) {
    throw new Error(`Reshape: ${shapeText(x.shape)} has another number of elements than ${shapeText(shape)}.`);
  }
  return x.graph.emit("Reshape", [x, x.graph.integers(shape.map(fixedSize))], [{ type: x.type, shape }])[0]!;
}

/** [N, ...] -> [N, product of the rest]. */
export function flatten(x: Value): Value {
  const shape = [x.shape[0]!, sizeOf(x.shape.slice(1))];
  return x.graph.emit("Flatten", [x], [{ type: x.type, shape }], { axis: 1 })[0]!;
}

/** Axis i of the result is axis order[i] of x. */
export function transpose(x: Value, order: readonly number[]): Value {
  const shape = order.map((axis) => x.shape[axis]!);
  return x.graph.emit("Transpose", [x], [{ type: x.type, shape }], { perm: order })[0]!;
}

/** x without the first `before` and the last `after` elements of one axis. */
export function crop(x: Value, axis: number, before: number, after: number): Value {
  const length = fixedSize(x.shape[axis]!);
  return slice(x, axis, { start: before, end: length - after, step: 1 }, length - before - after);
}

/** x with one axis in reverse order. */
export function reverse(x: Value, axis: number): Value {
  const length = fixedSize(x.shape[axis]!);
  return slice(x, axis, { start: length - 1, end: -length - 1, step: -1 }, length);
}

function slice(x: Value, axis: number, range: { start: number; end: number; step: number }, length: number): Value {
  const { graph } = x;
  const shape = x.shape.with(axis, length);
  const parts = [[range.start], [range.end], [axis], [range.step]].map((part) => graph.integers(part));
  return graph.emit("Slice", [x, ...parts], [{ type: x.type, shape }])[0]!;
}

/** Pads x with zeros: `before[i]` and `after[i]` of them on axis i. */
export function pad(x: Value, before: readonly number[], after: readonly number[]): Value {
  const shape = x.shape.map((length, axis): Dimension => {
    const added = before[axis]! + after[axis]!;
    return added === 0 ? length : fixedSize(length) + added;
  });
  return x.graph.emit("Pad", [x, x.graph.integers([...before, ...after])], [{ type: x.type, shape }])[0]!;
}

/** Concatenates the values along an axis. */
export function concatenate(values: readonly Value[], axis: number): Value {
  const first = values[0]!;
  const length = values.reduce((sum, value) => sum + fixedSize(value.shape[axis]!), 0);
  const shape = first.shape.with(axis, length);
  return first.graph.emit("Concat", values, [{ type: first.type, shape }], { axis })[0]!;
}

/** Repeats x along its axes of length 1 until it has the shape. */
export function expand(x: Value, shape: Shape): Value {
  if (sameShape(x.shape, shape)) return x;
  return x.graph.emit("Expand", [x, x.graph.integers(shape.map(fixedSize))], [{ type: x.type, shape }])[0]!;
}
