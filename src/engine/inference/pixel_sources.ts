/** Which pixel of an image each pixel of the model's input is. */
import { viewsOfSquare } from "../models/views.ts";

/**
 * For each of the first `views` views, the place of the first byte of each of the model's pixels in the image. The model's pixel i is pixel
 * floor((i + 0.5) * side / modelSide) of the image, as in the graph (ops/sampling.ts).
 */
export function sourcesOf(side: number, modelSide: number, views: number): Uint32Array[] {
  const nearest = (i: number) => Math.floor(((i + 0.5) * side) / modelSide);
  return viewsOfSquare(modelSide, views).map((places) =>
    places.map((place) => (nearest(Math.floor(place / modelSide)) * side + nearest(place % modelSide)) * 3),
  );
}
