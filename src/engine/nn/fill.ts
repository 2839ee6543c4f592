/**
 * The pixels around an image that is moved: the four modes of scipy's affine_transform, which Keras offers. Positions
 * outside the image are mapped to positions inside.
 */
import type { Value } from "../graph/graph.ts";
import { absolute, add, clip, floor, hardSigmoid, multiply, scale, shift, subtract } from "../ops/arithmetic.ts";

/**
 * "nearest": the nearest pixel. "constant": one value. "reflect": the image mirrored at its outer edge (d c b a | a b c
 * d | d c b a). "wrap": the image repeated, with its last pixel on the first pixel of the next copy, as in scipy.
 */
export const FILL_MODES = ["nearest", "constant", "reflect", "wrap"] as const;
export type FillMode = (typeof FILL_MODES)[number];

export interface Fill {
  readonly mode: FillMode;
  /** The value for "constant", in every channel: 0 to 255. */
  readonly value: number;
}

export const NEAREST: Fill = { mode: "nearest", value: 0 };

/**
 * A position is still inside the image if it is at most this far, in pixels, beyond the centers of the outermost
 * pixels. Otherwise rounding could replace the edge of an image that is not moved.
 */
export const EDGE_PIXELS = 1 / 1024;

/** A slope so steep that every positive number above 1e-30 becomes 1. */
const STEEP = 1e30;

/**
 * For "reflect" and "wrap", maps positions outside the image to positions inside. A position that is then still outside
 * is less than half a pixel from the edge, and the nearest pixel is read for it.
 * @param grid [..., 2] (x, y); -1 and 1 are the edges of an image of `sides` [width, height] pixels
 */
export function placesInside(grid: Value, sides: readonly [number, number], mode: FillMode): Value {
  if (mode === "reflect") {
    // A triangle wave with period 4: it rises from -1 at -1 to 1 at 1, and falls again.
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

/** 1 for each coordinate outside the image, 0 otherwise: [..., 2]. */
export function placesOutside(grid: Value, sides: readonly [number, number]): Value {
  const limit = numbers(grid, sides, (side) => (side - 1 + 2 * EDGE_PIXELS) / side);
  const beyond = hardSigmoid(subtract(grid, limit), STEEP, 0);
  const before = hardSigmoid(subtract(scale(grid, -1), limit), STEEP, 0);
  return clip(add(beyond, before), 0, 1);
}

/** The distance from the image's center to the center of the outermost pixel: [2]. */
const halfWidths = (grid: Value, sides: readonly [number, number]): Value =>
  numbers(grid, sides, (side) => (side - 1) / side);

/** 1 / the period of "wrap", which is twice the half width: [2]. */
const reciprocals = (grid: Value, sides: readonly [number, number]): Value =>
  numbers(grid, sides, (side) => side / (2 * (side - 1)));

const numbers = ({ graph }: Value, sides: readonly [number, number], of: (side: number) => number): Value =>
  graph.constant(Float32Array.from(sides, of), [2], "sides");
