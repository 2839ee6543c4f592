/** Summarizes a scored slide: areas, regions and shares above the threshold. Other files draw and write them. */

import { type Ring, regionsOf } from "../../histology/slide/contours.ts";
import type { ScaleChoice } from "../../histology/slide/scale.ts";
import { type SlideScores, scoredCells } from "../../histology/slide/scores.ts";
import { exactDecimal } from "../prediction.ts";
import type { Findings } from "./findings.ts";

/** A connected group of patches at or above the threshold. */
export interface IdcRegion {
  /** The outline and its holes, as corners of cells. */
  readonly rings: readonly Ring[];
  readonly patches: number;
  readonly meanProbability: number;
  readonly maxProbability: number;
}

/** The regions at or above the threshold, the largest first. */
export function idcRegions(
  { grid, probabilities }: Pick<SlideScores, "grid" | "probabilities">,
  threshold: number,
): IdcRegion[] {
  return regionsOf(grid.columns, grid.rows, (cell) => probabilities[cell]! >= threshold).map(({ rings, cells }) => {
    const { count, mean, max } = summaryOf(probabilities, cells);
    return { rings, patches: count, meanProbability: exactDecimal(mean), maxProbability: exactDecimal(max) };
  });
}

export function findingsOf(
  scores: SlideScores,
  regions: readonly IdcRegion[],
  { micronsPerPixel }: Pick<ScaleChoice, "micronsPerPixel">,
): Findings {
  const { grid, probabilities, tissueShares } = scores;
  const { count: scored, mean, max } = summaryOf(probabilities, scoredCells(scores));
  const side = micronsPerPixel === undefined ? undefined : (grid.stride * grid.scale * micronsPerPixel) / 1000;
  const area = (patches: number) => (side === undefined ? null : exactDecimal(patches * side * side));
  const idc = regions.reduce((sum, { patches }) => sum + patches, 0);
  const withTissue = tissueShares.reduce((sum, share) => sum + (share > 0 ? 1 : 0), 0);
  const largestRegion = regions[0]?.patches ?? 0;
  return {
    patches: { scored, in_grid: tissueShares.length, with_little_tissue: withTissue - scored },
    tissue_mm2: area(scored),
    tissue_share: scored / tissueShares.length,
    idc: {
      patches: idc,
      share: idc / scored,
      mm2: area(idc),
      regions: regions.length,
      largest_region_patches: largestRegion,
      largest_region_mm2: area(largestRegion),
    },
    probability: { mean: exactDecimal(mean), max: exactDecimal(max) },
  };
}

/** The number of cells, and the mean and the maximum of their probabilities. */
function summaryOf(probabilities: Float32Array, cells: Iterable<number>): { count: number; mean: number; max: number } {
  let [count, sum, max] = [0, 0, Number.NEGATIVE_INFINITY];
  for (const cell of cells) {
    count++;
    sum += probabilities[cell]!;
    max = Math.max(max, probabilities[cell]!);
  }
  return { count, mean: sum / count, max };
}
