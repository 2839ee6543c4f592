/** What the verb "demo" gives: the folders that it made. */
export interface DemoResult {
  /** The synthetic patches. */
  readonly cohort: string;
  readonly dataset: string;
  readonly run: string;
  readonly evaluation: string;
  /** A whole slide with its results. */
  readonly slide: string;
}
