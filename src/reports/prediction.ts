/** One prediction as numbers and words, the same in every command. */
import type { ModelCard } from "../artifacts/model_card.ts";

/** Rounds a float32 to nine significant digits. Reading that decimal number gives the same float32 again. */
export function exactDecimal(value: number): number {
  return Number(value.toPrecision(9));
}

/** The model's answer for one image. */
export interface Prediction {
  readonly probability: number;
  readonly label: string;
  readonly threshold: number;
}

/** Applies the model's threshold to a probability of the positive class. */
export function predictionOf(probability: number, { threshold, class_names: names }: ModelCard): Prediction {
  return { probability: exactDecimal(probability), label: names[probability >= threshold ? 1 : 0], threshold };
}
