/** In words: what the temperature and the threshold of a model were chosen on. */
import type { ModelCard } from "../../artifacts/model_card.ts";

/** "the validation split", or "a cross-validation". */
export const calibratedOnWords = ({ calibrated_on }: Pick<ModelCard, "calibrated_on">): string =>
  calibrated_on === "crossvalidation" ? "a cross-validation" : "the validation split";
