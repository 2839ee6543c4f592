/** A feature extractor as a file of features remembers it: what it takes and what it gives. */

/** The types of numbers that an extractor may take. */
export type InputType = "float32" | "float16" | "float64" | "uint8";

/** How patches are given to an extractor, and which of its outputs is read; all of it goes into the features' header. */
export interface ExtractorInput {
  readonly input: string;
  readonly type: InputType;
  readonly layout: "channels-first" | "channels-last";
  readonly height: number;
  readonly width: number;
  /** By channel, of values from 0 to 1; null if bytes go in as they are. */
  readonly normalization: { readonly mean: readonly number[]; readonly std: readonly number[] } | null;
  readonly output: string;
}

export interface FeatureExtractor {
  readonly input: ExtractorInput;
  /** How many features a patch has. */
  readonly featureCount: number;
  /** How many patches go into one run. */
  readonly patchesPerRun: number;
  /**
   * The features of records, float32 [count, featureCount]. Every run has the same number of patches, black ones filling up, so
   * that a patch's features do not depend on those beside it.
   * @param records [count, side, side, 3], at most `patchesPerRun`
   * @throws UserError if the model does not run.
   */
  extract(records: Uint8Array): Promise<Float32Array>;
  close(): Promise<void>;
}
