/** Operations that reduce axes. */
import type { Value } from "../graph/graph.ts";
import type { OnnxOp } from "../graph/op_names.ts";

function reduce(op: OnnxOp, x: Value, axes: readonly number[], keepAxes: boolean): Value {
  const shape = keepAxes
    ? x.shape.map((length, axis) => (axes.includes(axis) ? 1 : length))
    : x.shape.filter((_, axis) => !axes.includes(axis));
  const keepdims = keepAxes ? 1 : 0;
  return x.graph.emit(op, [x, x.graph.integers(axes)], [{ type: x.type, shape }], { keepdims })[0]!;
}

/** The sum over the axes. With `keepAxes` the axes remain, with length 1. */
export const reduceSum = (x: Value, axes: readonly number[], keepAxes = false): Value =>
  reduce("ReduceSum", x, axes, keepAxes);

/** The mean over the axes. */
export const reduceMean = (x: Value, axes: readonly number[], keepAxes = false): Value =>
  reduce("ReduceMean", x, axes, keepAxes);

/** The maximum over the axes. With `keepAxes` the axes remain, with length 1. */
export const reduceMax = (x: Value, axes: readonly number[], keepAxes = false): Value =>
  reduce("ReduceMax", x, axes, keepAxes);

/** The sum of squares over the axes. */
export const reduceSumSquare = (x: Value, axes: readonly number[], keepAxes = false): Value =>
  reduce("ReduceSumSquare", x, axes, keepAxes);
