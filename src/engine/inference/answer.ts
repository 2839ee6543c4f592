/** From the scores of an image's views to its answer, whatever device has computed the scores. */
import { LOGIT_OFFSET, LOGIT_SCALE } from "../models/inference.ts";
import type { Arrays } from "../nn/model.ts";

/** The model's answer for one image. */
export interface ForwardAnswer {
  /** The calibrated probability of the last class, a float32 number. */
  readonly probability: number;
  /** The log odds before calibration, a float32 number. */
  readonly logit: number;
}

/**
 * The scores of an image's views: of view v, those of the two classes are at `first + v * stride` and the place behind it.
 */
export interface ScoresOfViews {
  readonly values: Float32Array;
  readonly first: number;
  readonly stride: number;
}

/** The answer from the mean log odds of all views, with the calibration among the model's arrays. */
export function answerBy(arrays: Arrays, views: number): (scores: ScoresOfViews) => ForwardAnswer {
  const [factor, offset] = [arrays.get(LOGIT_SCALE)![0]!, arrays.get(LOGIT_OFFSET)![0]!];
  return ({ values, first, stride }) => {
    let logit = 0;
    for (let view = 0; view < views; view++) {
      const at = first + view * stride;
      logit += (values[at + 1]! - values[at]!) / views;
    }
    const odds = logit * factor + offset;
    return { probability: Math.fround(1 / (1 + Math.exp(-odds))), logit: Math.fround(logit) };
  };
}
