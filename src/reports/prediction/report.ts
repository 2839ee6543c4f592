/** What the verb "predict" gives. */
import type { ClassNames } from "../../histology/dataset/class_names.ts";
import type { Prediction } from "../prediction.ts";

/** The prediction of one file, whose picture was width x height pixels. */
export interface FilePrediction extends Prediction {
  readonly file: string;
  readonly width: number;
  readonly height: number;
}

export interface PredictResult {
  /** In the order of the files. */
  readonly predictions: readonly FilePrediction[];
  /** How many images could not be read; each was warned of. */
  readonly failed: number;
  readonly class_names: ClassNames;
  /** From this probability on an image counts as positive. */
  readonly threshold: number;
  /** Pixels a side that the model takes; other pictures were resized. */
  readonly record_side: number;
  readonly notice: string;
}
