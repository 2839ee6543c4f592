/** The eight views of a square - as it is, flipped, turned - as lists of places, for images and maps that lie in memory. */

/** Flips and quarter turns of a square. */
export const VIEWS = 8;

/**
 * For each view the place in the square that each of its places shows, both as row * side + column. They come in the order in which
 * the inference graph takes them (inference.ts): the first is the square as it is.
 */
export function viewsOfSquare(side: number): Uint32Array[] {
  const last = side - 1;
  return Array.from({ length: VIEWS }, (_, view) => {
    const [upended, mirrored, transposed] = [view & 1, view & 2, view & 4];
    return Uint32Array.from({ length: side * side }, (_, place) => {
      const [row, column] = [Math.floor(place / side), place % side];
      const [y, x] = [upended ? last - row : row, mirrored ? last - column : column];
      return transposed ? x * side + y : y * side + x;
    });
  });
}
