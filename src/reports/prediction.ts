/** One prediction in numbers and words, the same in every command. */
import type { ModelCard } from "../artifacts/model_card.ts";

/** A float32 as the shortest decimal number that nine digits give: reading it back gives the same float32. */
export function exactDecimal(value: number): number {
  return Number(value.toPrecision(9));
}

/** What the model says of one image. */
export interface Prediction {
  readonly probability: number;
  readonly label: string;
  readonly threshold: number;
}

/** The prediction that a probability of IDC means under a model's threshold. */
export function predictionOf(probability: number, { threshold, class_names: names }: ModelCard): Prediction {
  return { probability: exactDecimal(probability), label: names[probability >= threshold ? 1 : 0], threshold };
}
