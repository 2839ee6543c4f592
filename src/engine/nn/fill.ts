/** What lies around an image that is moved: the four ways of scipy's affine_transform, which Keras offers, as places in the image. */
import type { Value } from "../graph/graph.ts";
import { absolute, add, clip, floor, hardSigmoid, multiply, scale, shift, subtract } from "../ops/arithmetic.ts";

/**
 * "nearest": the nearest pixel; "constant": one value; "reflect": the image mirrored at its outer edge (d c b a | a b c d | d c b a);
 * "wrap": the image again and again, with its last pixel on the first of the next, as scipy has it.
 */
export const FILL_MODES = ["nearest", "constant", "reflect", "wrap"] as const;
export type FillMode = (typeof FILL_MODES)[number];

export interface Fill {
  readonly mode: FillMode;
  /** Of "constant", in every channel: 0 to 255. */
  readonly value: number;
}

export const NEAREST: Fill = { mode: "nearest", value: 0 };

/**
 * A place up to so far beyond the middle of the outermost pixels, in pixels, still is in the image: rounding must not turn the edge of an
 * image that is not moved into what lies around it.
 */
export const EDGE_PIXELS = 1 / 1024;

/** So steep that every positive number above 1e-30 becomes 1. */
const STEEP = 1e30;

/**
 * Brings places outside into the image. What is left outside is nearer to the edge than half a pixel, and reads the nearest pixel.
 * @param grid [..., 2] (x, y), -1 and 1 being the edges of an image of `sides` [width, height] pixels
 */
export function placesInside(grid: Value, sides: readonly [number, number], mode: FillMode): Value {
  if (mode === "reflect") {
    // A wave with period 4: up from -1 at -1 to 1 at 1, and down again.
    const along = shift(grid, 1);
    const inPeriod = subtract(along, scale(floor(scale(along, 1 / 4)), 4));
    return shift(scale(absolute(shift(inPeriod, -2)), -1), 1);
  }
  if (mode === "wrap") {
    const half = halfWidths(grid, sides);
    const steps = floor(multiply(add(grid, half), reciprocals(grid, sides)));
    return subtract(grid, multiply(multiply(steps, placesOutside(grid, sides)), scale(half, 2)));
  }
  return grid;
}

/** 1 for each coordinate of a place outside the image, else 0: [..., 2]. */
export function placesOutside(grid: Value, sides: readonly [number, number]): Value {
  const limit = numbers(grid, sides, (side) => (side - 1 + 2 * EDGE_PIXELS) / side);
  const beyond = hardSigmoid(subtract(grid, limit), STEEP, 0);
  const before = hardSigmoid(subtract(scale(grid, -1), limit), STEEP, 0);
  return clip(add(beyond, before), 0, 1);
}

/** How far the middle of the outermost pixel lies from the image's middle: [2]. */
const halfWidths = (grid: Value, sides: readonly [number, number]): Value =>
  numbers(grid, sides, (side) => (side - 1) / side);

/** 1 / the period of "wrap", which is twice that: [2]. */
const reciprocals = (grid: Value, sides: readonly [number, number]): Value =>
  numbers(grid, sides, (side) => side / (2 * (side - 1)));

const numbers = ({ graph }: Value, sides: readonly [number, number], of: (side: number) => number): Value =>
  graph.constant(Float32Array.from(sides, of), [2], "sides");
