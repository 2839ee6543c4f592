/**
 * The front of a model: its layers up to the first pooling, for a block of images. Few channels and many pixels suit our
 * kernels better than those of ONNX Runtime, which runs the rest (docs/decisions/0051-the-front-of-a-model.md).
 */
import type { CompiledModule } from "../../util/web_assembly.ts";
import type { Layer } from "../nn/layers.ts";
import type { Arrays, ModelDescription } from "../nn/model.ts";
import { planForward } from "./plan.ts";
import { openPlan } from "./run_plan.ts";

/** A model without its layers behind the front, and its arrays. */
export interface FrontModel {
  readonly model: ModelDescription;
  readonly arrays: Arrays;
}

/** The kernels' results have a multiple of this many channels, and the rest reads them without added ones. */
const CHANNELS_TOGETHER = 8;

/**
 * The number of layers of a model's front. Undefined if the model does not begin with a convolution and its pooling, or has
 * another number of channels or filters than the kernels read and write.
 */
export function frontDepth({ layers, inputShape }: ModelDescription): number | undefined {
  const depth = 1 + layers.findIndex(({ kind }) => kind === "maxPool");
  const [first, ...others] = layers.slice(0, depth);
  const isConvolution = first?.kind === "separableConvolution" && first.kernelSize === 3;
  if (!isConvolution || first.filters % CHANNELS_TOGETHER !== 0 || inputShape[0] !== 3) return undefined;
  const [pooling] = others.slice(-1) as [Extract<Layer, { kind: "maxPool" }>];
  const kinds = others.map(({ kind }) => kind).join();
  return kinds === "relu,batchNormalization,maxPool" && pooling.size === 2 ? depth : undefined;
}

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
