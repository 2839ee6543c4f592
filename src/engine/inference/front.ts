/**
 * The front of a model: its layers up to the first pooling, for a block of images. Few channels and many pixels suit our
 * kernels better than those of ONNX Runtime, which runs the rest (docs/decisions/0051-the-front-of-a-model.md).
 */
import type { CompiledModule } from "../../util/web_assembly.ts";
import type { Layer } from "../nn/layers.ts";
import type { Arrays, ModelDescription } from "../nn/model.ts";
import { paddedOutputs } from "./packing.ts";
import { planForward } from "./plan.ts";
import { openPlan } from "./run_plan.ts";

/** A model without its layers behind the front, and its arrays. */
export interface FrontModel {
  readonly model: ModelDescription;
  readonly arrays: Arrays;
}

const FRONT_KINDS = ["separableConvolution", "relu", "batchNormalization", "maxPool"];

/**
 * The front of a model, as a model. Undefined if the model begins with other layers, or has another number of channels or
 * filters than the kernels read and write without added ones.
 */
export function frontOf(model: ModelDescription): ModelDescription | undefined {
  const layers = model.layers.slice(0, FRONT_KINDS.length);
  if (!FRONT_KINDS.every((kind, place) => layers[place]?.kind === kind)) return undefined;
  const [convolution, , , pooling] = layers as [Convolution, Layer, Layer, Pooling];
  const isKnown = convolution.kernelSize === 3 && pooling.size === 2 && model.inputShape[0] === 3;
  return isKnown && paddedOutputs(convolution.filters) === convolution.filters ? { ...model, layers } : undefined;
}

type Convolution = Extract<Layer, { kind: "separableConvolution" }>;
type Pooling = Extract<Layer, { kind: "maxPool" }>;

/** Runs the front on images, one after the other. */
export interface Front {
  /** [height, width, channels] of the result for an image. */
  readonly shape: readonly [number, number, number];
  /**
   * @param images uint8 RGB [count][side][side][3]
   * @returns float32 [count][height][width][channels], in memory that the next run overwrites
   */
  run(images: Uint8Array, count: number): Float32Array;
}

/**
 * @param module the compiled kernels (dist/engine/inference/kernels.wasm)
 * @param side pixels per side of the images; they are scaled to the model's size by nearest neighbour
 * @param most the largest number of images of a run
 */
export function openFront(
  module: CompiledModule,
  { model, arrays }: FrontModel,
  { side, most }: { readonly side: number; readonly most: number },
): Front {
  const plan = planForward(model, arrays, most);
  const { floats, runBody } = openPlan(module, plan, { side, views: 1 });
  const { at, height, width, stored } = plan.scores;
  const imageBytes = side * side * 3;
  const start = at / 4;
  return {
    shape: [height, width, stored],
    run(images, count) {
      for (let place = 0; place < count; place++) {
        runBody(images.subarray(place * imageBytes, (place + 1) * imageBytes), 0, place);
      }
      return floats.subarray(start, start + count * height * width * stored);
    },
  };
}
