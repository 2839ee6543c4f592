/** The colours of a map's cells. map_layer.ts draws them. */
import { sequential } from "../../../../histology/image/colour_map.ts";
import type { ProbabilityMap } from "../../../api/slides.ts";

export interface MapLook {
  readonly threshold: number;
  readonly opacity: number;
  /** Whether cells below the threshold are coloured too. */
  readonly showsBelow: boolean;
}

/** RGBA [rows, columns]: the colour of each cell; transparent where there is none. */
export function mapColours(
  { probabilities }: Pick<ProbabilityMap, "probabilities">,
  { threshold, showsBelow }: Pick<MapLook, "threshold" | "showsBelow">,
): Uint8ClampedArray<ArrayBuffer> {
  const pixels = new Uint8ClampedArray(probabilities.length * 4);
  for (let cell = 0; cell < probabilities.length; cell++) {
    const probability = probabilities[cell]!;
    if (Number.isNaN(probability) || (!showsBelow && probability < threshold)) continue;
    const [red, green, blue] = sequential(probability);
    pixels[cell * 4] = red;
    pixels[cell * 4 + 1] = green;
    pixels[cell * 4 + 2] = blue;
    pixels[cell * 4 + 3] = 255;
  }
  return pixels;
}
