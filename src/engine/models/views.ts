/** The eight views of a square (unchanged, flipped, rotated) as lists of indices, for images and maps in memory. */

/** The number of flips and rotations of a square. */
export const VIEWS = 8;

/**
 * For each view, the index in the square of each of the view's elements. Indices are row * side + column. The order is
 * that of the inference graph (inference.ts); the first view is the unchanged square.
 * @param views how many of the views
 */
export function viewsOfSquare(side: number, views = VIEWS): Uint32Array[] {
  const last = side - 1;
  return Array.from({ length: views }, (_, view) => {
    const [upended, mirrored, transposed] = [view & 1, view & 2, view & 4];
    return Uint32Array.from({ length: side * side }, (_, place) => {
      const [row, column] = [Math.floor(place / side), place % side];
      const [y, x] = [upended ? last - row : row, mirrored ? last - column : column];
      return transposed ? x * side + y : y * side + x;
    });
  });
}
