/** What a scored slide comes to: areas, regions and shares above the threshold; drawing and writing them is left to others. */

import { type Ring, regionsOf } from "../../histology/slide/contours.ts";
import type { ScaleChoice } from "../../histology/slide/scale.ts";
import { exactDecimal } from "../prediction.ts";
import type { Findings } from "./findings.ts";
import type { SlideScores } from "./scores.ts";

/** Neighbouring patches at or above the threshold. */
export interface IdcRegion {
  /** The outline and its holes, in corners of cells. */
  readonly rings: readonly Ring[];
  readonly patches: number;
  readonly meanProbability: number;
  readonly maxProbability: number;
}

/** The regions at or above the threshold, the largest first. */
export function idcRegions({ grid, cells, probabilities }: SlideScores, threshold: number): IdcRegion[] {
  const byCell = new Map(Array.from(cells, (cell, place) => [cell, probabilities[place]!]));
  return regionsOf(grid.columns, grid.rows, (cell) => (byCell.get(cell) ?? -1) >= threshold).map((region) => {
    const found = region.cells.map((cell) => byCell.get(cell)!);
    return {
      rings: region.rings,
      patches: found.length,
      meanProbability: exactDecimal(mean(found)),
      maxProbability: exactDecimal(largest(found)),
    };
  });
}

export function findingsOf(
  scores: SlideScores,
  regions: readonly IdcRegion[],
  { micronsPerPixel }: Pick<ScaleChoice, "micronsPerPixel">,
): Findings {
  const { grid, cells, probabilities, tissueShares } = scores;
  const side = micronsPerPixel === undefined ? undefined : (grid.stride * grid.scale * micronsPerPixel) / 1000;
  const area = (patches: number) => (side === undefined ? null : exactDecimal(patches * side * side));
  const idc = regions.reduce((sum, { patches }) => sum + patches, 0);
  const withTissue = tissueShares.reduce((sum, share) => sum + (share > 0 ? 1 : 0), 0);
  const largestRegion = regions[0]?.patches ?? 0;
  return {
    patches: { scored: cells.length, in_grid: tissueShares.length, with_little_tissue: withTissue - cells.length },
    tissue_mm2: area(cells.length),
    tissue_share: cells.length / tissueShares.length,
    idc: {
      patches: idc,
      share: idc / cells.length,
      mm2: area(idc),
      regions: regions.length,
      largest_region_patches: largestRegion,
      largest_region_mm2: area(largestRegion),
    },
    probability: { mean: exactDecimal(mean(probabilities)), max: exactDecimal(largest(probabilities)) },
  };
}

/** Not by spreading them into Math.max: a call takes only so many arguments. */
function largest(values: Iterable<number>): number {
  let found = Number.NEGATIVE_INFINITY;
  for (const value of values) found = Math.max(found, value);
  return found;
}

function mean(values: ArrayLike<number>): number {
  let sum = 0;
  for (let index = 0; index < values.length; index++) sum += values[index]!;
  return sum / values.length;
}
