/** What a map says at a threshold: areas and regions, computed as the command "slide" does. */
import { squareStart } from "../../../../histology/slide/grid.ts";
import { type IdcRegion, idcRegions } from "../../../../reports/slide/regions.ts";
import type { ProbabilityMap } from "../../../api/slides.ts";

export interface MapNumbers {
  readonly regions: readonly IdcRegion[];
  readonly scored: number;
  readonly positive: number;
  /** The area of a cell in square millimetres; null if the size of a pixel is not known. */
  readonly cellArea: number | null;
}

export function mapNumbers(map: ProbabilityMap, threshold: number): MapNumbers {
  const { grid, probabilities, micronsPerPixel } = map;
  const side = micronsPerPixel === null ? null : (grid.stride * grid.scale * micronsPerPixel) / 1000;
  const regions = idcRegions(map, threshold);
  return {
    regions,
    scored: probabilities.reduce((count, value) => count + (Number.isNaN(value) ? 0 : 1), 0),
    positive: regions.reduce((sum, { patches }) => sum + patches, 0),
    cellArea: side === null ? null : side * side,
  };
}

/** The rectangle around a region in pixels of the slide. */
export function boundsOf({ rings: [outline] }: IdcRegion, { grid }: Pick<ProbabilityMap, "grid">) {
  const at = (corner: number) => squareStart(corner, grid) * grid.scale;
  const [columns, rows] = [outline!.map(([column]) => column), outline!.map(([, row]) => row)];
  const [left, top] = [at(Math.min(...columns)), at(Math.min(...rows))];
  return { left, top, width: at(Math.max(...columns)) - left, height: at(Math.max(...rows)) - top };
}
