/** The result of the command "predict". */
import type { ClassNames } from "../../histology/dataset/class_names.ts";
import type { Prediction } from "../prediction.ts";

/** The prediction for one file, and the original size of its picture in pixels. */
export interface FilePrediction extends Prediction {
  readonly file: string;
  readonly width: number;
  readonly height: number;
}

export interface PredictResult {
  /** In the order of the files. */
  readonly predictions: readonly FilePrediction[];
  /** The number of images that could not be read. Each one caused a warning. */
  readonly failed: number;
  readonly class_names: ClassNames;
  /** An image counts as positive if its probability is at least this. */
  readonly threshold: number;
  /** The side of the model's input in pixels; pictures of other sizes were resized. */
  readonly record_side: number;
  readonly notice: string;
}
