/** The interface of feature extractors: their input and their output, as stored in the header of a features file. */

/** The number types that an extractor's input may have. */
export type InputType = "float32" | "float16" | "float64" | "uint8";

/**
 * How patches are passed to an extractor, and which output is read. The header of a features file contains all of it.
 */
export interface ExtractorInput {
  readonly input: string;
  readonly type: InputType;
  readonly layout: "channels-first" | "channels-last";
  readonly height: number;
  readonly width: number;
  /** Per channel, for values from 0 to 1; null if the input is unscaled bytes. */
  readonly normalization: { readonly mean: readonly number[]; readonly std: readonly number[] } | null;
  readonly output: string;
}

export interface FeatureExtractor {
  readonly input: ExtractorInput;
  /** The number of features per patch. */
  readonly featureCount: number;
  /** The number of patches per run of the model. */
  readonly patchesPerRun: number;
  /**
   * Computes the features of records, float32 [count, featureCount]. Every run has the same number of patches; black
   * patches fill the rest. A patch's features therefore do not depend on the other patches.
   * @param records [count, side, side, 3], at most `patchesPerRun`
   * @throws UserError if the model cannot be run.
   */
  extract(records: Uint8Array): Promise<Float32Array>;
  close(): Promise<void>;
}
