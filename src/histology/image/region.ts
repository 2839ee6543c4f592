/** The type of a rectangle of pixels. */

/** A rectangle in the pixels of one level. (x, y) is its upper left corner. */
export interface Region {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}
