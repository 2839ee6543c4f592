/**
 * Runs a model on single images with our own WebAssembly kernels, in Node and in a browser. One image is one run, so an
 * answer depends on nothing else, and the kernels round alike on every machine.
 */

import type { CompiledModule } from "../../util/web_assembly.ts";
import { VIEWS } from "../models/views.ts";
import { type Arrays, classesOf, type ModelDescription } from "../nn/model.ts";
import { answerBy, type ForwardAnswer } from "./answer.ts";
import { planForward } from "./plan.ts";
import { openPlan } from "./run_plan.ts";

/**
 * Runs a model on one square image, uint8 RGB [side][side][3].
 * @throws RangeError if the image has another size
 */
export type Forward = (image: Uint8Array) => ForwardAnswer;

export interface ForwardModel {
  /** A model with a square input, three channels and two classes. */
  readonly model: ModelDescription;
  /** All arrays of the model, and its calibration. */
  readonly arrays: Arrays;
  readonly views: number;
}

/**
 * Prepares a model for images of one size.
 * @param module the compiled kernels (dist/engine/inference/kernels.wasm)
 * @param side pixels per side of the images; they are scaled to the model's size by nearest neighbour
 * @throws Error if the model is of another kind
 */
export function openForward(module: CompiledModule, { model, arrays, views }: ForwardModel, side: number): Forward {
  const [channels, height, width] = model.inputShape;
  if (channels !== 3 || height !== width || classesOf(model) !== 2 || views < 1 || views > VIEWS) {
    throw new Error("the model does not take square RGB images, or does not have two classes");
  }
  const plan = planForward(model, arrays, views);
  const { scores } = plan;
  const { floats, runBody, runHead } = openPlan(module, plan, { side, views });
  const answer = answerBy(arrays, views);
  return (pixels) => {
    for (let view = 0; view < views; view++) runBody(pixels, view);
    runHead();
    return answer({ values: floats, first: scores.at / 4, stride: scores.stored });
  };
}
