/** Turns a model's layers into a list of shaders, as plan.ts turns them into calls of kernels. forward.ts runs it. */
import type { Arrays, ModelDescription } from "../../nn/model.ts";
import { packAfterMatrix, packDense, packDepthwise, packPointwise, paddedOutputs } from "../packing.ts";
import { type Stage, stagesOf } from "../stages.ts";
import { depthwiseStep } from "./shaders/depthwise.ts";
import { multiplyStep } from "./shaders/multiply.ts";
import { maximumStep, meanStep } from "./shaders/pool.ts";
import { viewsStep } from "./shaders/views.ts";
import type { GpuArea, GpuStep } from "./step.ts";

/**
 * The steps from images of the model's size to the scores of each view.
 * @param arrays all arrays of the model, with the right sizes
 * @throws Error if there are no shaders for the model's layers
 */
export function planOnGpu({ inputShape, layers }: ModelDescription, arrays: Arrays, views: number): GpuStep[] {
  const steps = [viewsStep(inputShape[1], views)];
  for (const stage of stagesOf(layers)) steps.push(...stepsOf(stage, steps.at(-1)!.output, arrays));
  return steps;
}

function stepsOf(stage: Stage, input: GpuArea, arrays: Arrays): readonly GpuStep[] {
  if (stage.kind === "flatten") return [];
  if (stage.kind === "globalAveragePool") return [meanStep(input)];
  const { layer } = stage;
  const { height, width, channels, stored } = input;
  if (layer.kind === "dense") {
    const { name, units } = layer;
    const matrix = packDense(arrays.get(`${name}.weight`)!, { pixels: height * width, channels, stored, units });
    const output = { height: 1, width: 1, channels: units, stored: paddedOutputs(units) };
    return [multiplyStep(input, matrix, packAfterMatrix(stage, name, arrays), output)];
  }
  const { name, filters } = layer;
  const taps = packDepthwise(arrays.get(`${name}.depthwise.weight`)!, stored);
  const matrix = packPointwise(arrays.get(`${name}.pointwise.weight`)!, { channels, stored, filters });
  const output = { height, width, channels: filters, stored: paddedOutputs(filters) };
  const mixed = multiplyStep(input, matrix, packAfterMatrix(stage, `${name}.pointwise`, arrays), output);
  return [depthwiseStep(input, taps), mixed, ...(stage.pooled ? [maximumStep(mixed.output)] : [])];
}
