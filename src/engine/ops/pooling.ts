/** Pooling of non-overlapping windows of images [N, C, H, W]. */
import type { Value } from "../graph/graph.ts";
import { fixedSize } from "../graph/shape.ts";

/**
 * The maximum of each size x size window, and its index (of the first one on a tie). Both results are [N, C, floor(H /
 * size), floor(W / size)].
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

/** Puts each value at its index (from maxPool) in an image with the shape of `like`. All other elements are zero. */
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
