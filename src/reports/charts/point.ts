/** A point of a curve. */

/** A point of a curve, [x, y]. */
export type Point = readonly [number, number];
