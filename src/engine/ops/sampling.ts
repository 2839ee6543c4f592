/** Operations that read images at other positions. */
import type { Value } from "../graph/graph.ts";
import { sameShape, shapeText } from "../graph/shape.ts";

/**
 * Resizes images [N, H, W, C]: output pixel i is input pixel floor((i + 0.5) * in / out), the nearest one. Pillow does
 * the same, but if two pixels are equally near, its rounding decides.
 */
export function nearestResize(x: Value, height: number, width: number): Value {
  const { graph } = x;
  const shape = [x.shape[0]!, height, width, x.shape[3]!];
  const attributes = {
    mode: "nearest",
    coordinate_transformation_mode: "half_pixel",
    nearest_mode: "round_prefer_ceil",
    axes: [1, 2],
  };
  const operands = [x, undefined, undefined, graph.integers([height, width])];
  return graph.emit("Resize", operands, [{ type: x.type, shape }], attributes)[0]!;
}

/** Reads x along its last axis at the indices `places`, int32. The other axes of `places` are those of x. */
export function gatherLast(x: Value, places: Value): Value {
  const axis = x.shape.length - 1;
  const shape = x.shape.with(axis, places.shape[axis]!);
  if (!sameShape(shape, places.shape)) {
    throw new Error(`GatherElements: ${shapeText(places.shape)} does not fit ${shapeText(x.shape)}.`);
  }
  return x.graph.emit("GatherElements", [x, places], [{ type: x.type, shape }], { axis })[0]!;
}

/**
 * Reads x [N, C, H, W] bilinearly at grid [N, H', W', 2] of (x, y). -1 and 1 are the outer edges of the first and last
 * pixel. Outside the image, the nearest pixel is read.
 */
export function gridSample(x: Value, grid: Value): Value {
  const [n, height, width, two] = grid.shape;
  if (two !== 2 || n !== x.shape[0]) {
    throw new Error(`GridSample: the grid ${shapeText(grid.shape)} does not fit the image ${shapeText(x.shape)}.`);
  }
  const shape = [n!, x.shape[1]!, height!, width!];
  const attributes = { mode: "linear", padding_mode: "border", align_corners: 0 };
  return x.graph.emit("GridSample", [x, grid], [{ type: "float32", shape }], attributes)[0]!;
}
