/** Pooling of non-overlapping windows of images [N, C, H, W]. */
import type { Value } from "../graph/graph.ts";
import { fixedSize } from "../graph/shape.ts";

/**
 * The largest value of each size x size window, and where it stood (the first one on a tie): values and indices, both
 * [N, C, floor(H / size), floor(W / size)].
 */
export function maxPool(x: Value, size: number): { values: Value; indices: Value } {
  const [n, c, height, width] = x.shape;
  const shape = [n!, c!, Math.floor(fixedSize(height!) / size), Math.floor(fixedSize(width!) / size)];
  const results = [
    { type: x.type, shape },
    { type: "int64" as const, shape },
  ];
  const attributes = { kernel_shape: [size, size], strides: [size, size] };
  const [values, indices] = x.graph.emit("MaxPool", [x], results, attributes);
  return { values: values!, indices: indices! };
}

/** Each value at its place (from maxPool's indices) in an image of the given shape, zero elsewhere. */
export function maxUnpool(values: Value, indices: Value, like: Value, size: number): Value {
  const shape = values.graph.integers(like.shape.map(fixedSize));
  const attributes = { kernel_shape: [size, size], strides: [size, size] };
  return values.graph.emit(
    "MaxUnpool",
    [values, indices, shape],
    [{ type: "float32", shape: like.shape }],
    attributes,
  )[0]!;
}
