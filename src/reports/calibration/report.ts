/** The results of the commands "calibrate" and "add-context". */
import type { Calibration, Neighbourhood } from "../../artifacts/model_card.ts";

/** The files that a model was made from and with. */
interface DerivedModel {
  /** The file of the new model. */
  readonly model: string;
  /** The dataset whose splits were used; null if a cross-validation was used. */
  readonly dataset: string | null;
  /** The cross-validation whose patches were used; null if a dataset was used. */
  readonly crossvalidation: string | null;
  readonly notice: string;
}

export interface CalibrateResult extends DerivedModel, Calibration {}

export interface AddContextResult extends DerivedModel {
  /** The weights of the patch and of the patches around it. */
  readonly neighbourhood: Neighbourhood;
  readonly calibration: Calibration;
}
