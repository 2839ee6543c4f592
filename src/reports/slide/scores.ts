/** What scoring a slide gives: the grid, the tissue and a probability for each scored cell. */
import type { Grid } from "../../histology/slide/grid.ts";
import type { TissueMask } from "../../histology/slide/tissue.ts";

/** A scored slide. Cells are counted row by row: row * grid.columns + column. */
export interface SlideScores {
  readonly grid: Grid;
  readonly tissue: TissueMask;
  /** float32 [rows, columns] The share of each patch that is tissue. */
  readonly tissueShares: Float32Array;
  /** float32 [rows, columns] The calibrated probability of IDC; NaN for patches with too little tissue, which are not scored. */
  readonly probabilities: Float32Array;
}

/** The cells that are scored, ascending. */
export function* scoredCells({ probabilities }: Pick<SlideScores, "probabilities">): Generator<number, void> {
  for (let cell = 0; cell < probabilities.length; cell++) if (!Number.isNaN(probabilities[cell])) yield cell;
}
