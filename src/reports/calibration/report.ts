/** The results of the commands "calibrate" and "add-context". */
import type { Calibration, Neighbourhood } from "../../artifacts/model_card.ts";

export interface CalibrateResult extends Calibration {
  /** The file of the calibrated model. */
  readonly model: string;
  /** The dataset whose validation split was used. */
  readonly dataset: string;
  readonly notice: string;
}

export interface AddContextResult {
  /** The file of the model. */
  readonly model: string;
  readonly dataset: string;
  /** The weights of the patch and of the patches around it. */
  readonly neighbourhood: Neighbourhood;
  readonly calibration: Calibration;
  readonly notice: string;
}
