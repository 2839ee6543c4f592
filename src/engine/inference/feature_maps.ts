/** Runs only the layers up to a convolution, and returns its feature maps. */
import type { CompiledModule } from "../../util/web_assembly.ts";
import { VIEWS } from "../models/views.ts";
import type { Arrays, ModelDescription } from "../nn/model.ts";
import { planForward } from "./plan.ts";
import { openPlan } from "./run_plan.ts";

/** The feature maps of a view of an image, [channels][height][width]. */
export type FeatureMaps = (image: Uint8Array, view: number) => Float64Array;

/**
 * @param depth the number of layers that are run; the last of them is a convolution, or its ReLU
 * @param side pixels per side of the images
 */
export function openFeatureMaps(
  module: CompiledModule,
  { model, arrays, depth }: { readonly model: ModelDescription; readonly arrays: Arrays; readonly depth: number },
  side: number,
): FeatureMaps {
  const plan = planForward({ ...model, layers: model.layers.slice(0, depth) }, arrays, 1);
  const { floats, runBody } = openPlan(module, plan, { side, views: VIEWS });
  const { at, stored, channels, height, width } = plan.scores;
  const pixels = height * width;
  return (image, view) => {
    runBody(image, view);
    return Float64Array.from(
      { length: channels * pixels },
      (_, place) => floats[at / 4 + (place % pixels) * stored + Math.floor(place / pixels)]!,
    );
  };
}
