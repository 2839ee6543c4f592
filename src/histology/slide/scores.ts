/** The result of scoring a slide: the grid, the tissue mask, and a probability for each scored cell. */
import type { Grid } from "./grid.ts";
import type { TissueMask } from "./tissue.ts";

/** A scored slide. The index of a cell is row * grid.columns + column. */
export interface SlideScores {
  readonly grid: Grid;
  readonly tissue: TissueMask;
  /** float32 [rows, columns] The share of each patch that is tissue. */
  readonly tissueShares: Float32Array;
  /**
   * float32 [rows, columns] The calibrated probability of the positive class; NaN for patches that were not scored
   * because they have too little tissue.
   */
  readonly probabilities: Float32Array;
}

/** The indices of the scored cells, in ascending order. */
export function* scoredCells({ probabilities }: Pick<SlideScores, "probabilities">): Generator<number, void> {
  for (let cell = 0; cell < probabilities.length; cell++) if (!Number.isNaN(probabilities[cell])) yield cell;
}
