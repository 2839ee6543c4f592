/** What scoring a slide gives: the grid, the tissue and a probability per scored patch. */
import type { Grid } from "../../histology/slide/grid.ts";
import type { TissueMask } from "../../histology/slide/tissue.ts";

/** A scored slide. Cells are counted row by row: row * grid.columns + column. */
export interface SlideScores {
  readonly grid: Grid;
  readonly tissue: TissueMask;
  /** [rows, columns] The share of each patch that is tissue. */
  readonly tissueShares: Float32Array;
  /** The cells with enough tissue, ascending: these are scored. */
  readonly cells: Uint32Array;
  /** [cells] The calibrated probability of IDC. */
  readonly probabilities: Float32Array;
}
