/** Converts raw images to a model's input, inside the graph: layout, size, movement, colour and range. */
import type { Value } from "../graph/graph.ts";
import { add, shift as addNumber, cast, clip, exponential, logarithm, multiply, scale } from "../ops/arithmetic.ts";
import { matMul } from "../ops/linear.ts";
import { reduceMax } from "../ops/reduction.ts";
import { gridSample, nearestResize } from "../ops/sampling.ts";
import { crop, reshape, transpose } from "../ops/shaping.ts";
import { type Fill, NEAREST, placesInside, placesOutside } from "./fill.ts";

const LARGEST_BYTE = 255;

/**
 * Converts uint8 images [N, H, W, 3] to float32 [N, 3, h, w] in 0..255 at the model's size, with nearest neighbour as
 * in the tutorial. They become float32 first, because not every device can resize bytes.
 */
export function loadImages(images: Value, height: number, width: number): Value {
  return transpose(nearestResize(cast(images, "float32"), height, width), [0, 3, 1, 2]);
}

/** Scales 0..255 to 0..1, the range that the models expect. */
export const scaleRange = (x: Value): Value => scale(x, 1 / LARGEST_BYTE);

/**
 * Moves each image by its own matrix [N, 2, 3], which maps a position (x, y, 1) in the result to a position in x [N, C,
 * H, W]. -1 and 1 are the edges of the image. The interpolation is bilinear; `fill` determines the values outside.
 */
export function movedImages(x: Value, matrices: Value, fill: Fill = NEAREST): Value {
  const [n, , height, width] = x.shape as number[];
  const places = new Float32Array(height! * width! * 3);
  for (let row = 0, index = 0; row < height!; row++) {
    for (let column = 0; column < width!; column++) {
      places[index++] = (2 * column + 1) / width! - 1;
      places[index++] = (2 * row + 1) / height! - 1;
      places[index++] = 1;
    }
  }
  const base = x.graph.constant(places, [height! * width!, 3], "places");
  const grid = matMul(base, transpose(matrices, [0, 2, 1]));
  const inside = placesInside(grid, [width!, height!], fill.mode);
  const moved = gridSample(x, reshape(inside, [n!, height!, width!, 2]));
  if (fill.mode !== "constant") return moved;
  const outside = reshape(reduceMax(placesOutside(grid, [width!, height!]), [2]), [n!, 1, height!, width!]);
  return add(multiply(moved, addNumber(scale(outside, -1), 1)), scale(outside, fill.value));
}

/**
 * Recolours each image by its own matrix [N, 3, 4]: an affine map (3x3 and an offset) of ln(intensity + 1). It thus
 * acts on optical density, in which stains add up (Beer-Lambert). x and the result are [N, 3, H, W] in 0..255.
 */
export function recolourImages(x: Value, matrices: Value): Value {
  const [n, channels, height, width] = x.shape as number[];
  const logs = reshape(logarithm(addNumber(x, 1)), [n!, channels!, height! * width!]);
  const moved = add(matMul(crop(matrices, 2, 0, 1), logs), crop(matrices, 2, 3, 0));
  return reshape(clip(addNumber(exponential(moved), -1), 0, LARGEST_BYTE), x.shape);
}
