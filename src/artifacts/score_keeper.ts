/** Where the scores of a slide are kept while it is being scored; partial_scores.ts keeps them in a file. */

/** Saves scores during scoring, so that an interrupted scoring can resume. */
export interface ScoreKeeper {
  /** float32 [rows, columns] of an interrupted scoring, NaN for cells not yet scored; undefined if no scoring was interrupted. */
  readonly begun: Float32Array | undefined;
  /** Receives the scores so far. Called often, and a last time when the scoring is interrupted. */
  keep(answers: Float32Array, interrupted: boolean): Promise<void>;
}
