/** The result of the command "demo": the folders that it created. */
export interface DemoResult {
  /** The folder of the synthetic patches. */
  readonly cohort: string;
  readonly dataset: string;
  readonly run: string;
  readonly evaluation: string;
  /** The folder of a whole slide and its results. */
  readonly slide: string;
}
