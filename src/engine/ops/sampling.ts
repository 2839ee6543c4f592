/** Operations that read images at other places. */
import type { Value } from "../graph/graph.ts";
import { sameShape, shapeText } from "../graph/shape.ts";

/**
 * Images [N, H, W, C] at another size: pixel i is pixel floor((i + 0.5) * in / out), the nearest. So does Pillow, but where
 * two are equally near its rounding decides.
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

/** x read along its last axis at the whole numbers of `places`, int32, whose other axes are those of x. */
export function gatherLast(x: Value, places: Value): Value {
  const axis = x.shape.length - 1;
  const shape = x.shape.with(axis, places.shape[axis]!);
  if (!sameShape(shape, places.shape)) {
    throw new Error(`GatherElements: ${shapeText(places.shape)} does not fit ${shapeText(x.shape)}.`);
  }
  return x.graph.emit("GatherElements", [x, places], [{ type: x.type, shape }], { axis })[0]!;
}

/**
 * Bilinear reading of x [N, C, H, W] at grid [N, H', W', 2] of (x, y), where -1 and 1 are the outer edges of the first and last pixel;
 * outside the image the nearest pixel counts.
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
