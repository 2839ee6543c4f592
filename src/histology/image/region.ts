/** A rectangle of pixels. */

/** A rectangle in the pixels of one level, its left upper corner at (x, y). */
export interface Region {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}
