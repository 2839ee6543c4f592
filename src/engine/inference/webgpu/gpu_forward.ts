/** Runs a model on many images at once on a GPU. */
import { answerBy, type ForwardAnswer } from "../answer.ts";
import type { ForwardModel } from "../forward.ts";
import { sourcesOf } from "../pixel_sources.ts";
import type { GpuDevice } from "./api.ts";
import { checkedOrders, deviceFailure } from "./device_errors.ts";
import { planOnGpu } from "./gpu_plan.ts";
import { openProgram } from "./program.ts";
import { areaBytes } from "./step.ts";

/**
 * Runs a model on square images, uint8 RGB [side][side][3] each. One call must end before the next one begins.
 * @throws Error if the device fails or is lost; then no answer of the call counts
 */
export type BatchForward = (images: readonly Uint8Array[]) => Promise<readonly ForwardAnswer[]>;

/** A model on a device. */
export interface GpuForward {
  readonly classify: BatchForward;
  /** The number of images that are computed together. */
  readonly imagesPerBatch: number;
}

const MOST_IMAGES = 32;
/** The memory for the values between two shaders. There are two such places. */
const MOST_BYTES = 32 << 20;

/**
 * Prepares a model, which openForward accepts, for images of one size.
 * @param side pixels per side of the images; they are scaled to the model's size by nearest neighbour
 * @throws Error if the device cannot run it
 */
export async function openGpuForward(
  device: GpuDevice,
  { model, arrays, views }: ForwardModel,
  side: number,
): Promise<GpuForward> {
  const failure = deviceFailure(device);
  const steps = planOnGpu(model, arrays, views);
  const largest = Math.max(...steps.map(({ output }) => areaBytes(output))) * views;
  const imagesPerBatch = Math.max(1, Math.min(MOST_IMAGES, Math.floor(MOST_BYTES / largest)));
  const program = await checkedOrders(device, () => openProgram(device, steps, { images: imagesPerBatch, views }));
  const [sources] = sourcesOf(side, model.inputShape[1], 1);
  const answer = answerBy(arrays, views);
  const { stored } = steps.at(-1)!.output;
  const classify: BatchForward = async (images) => {
    const answers: ForwardAnswer[] = [];
    for (let first = 0; first < images.length; first += imagesPerBatch) {
      const batch = images.slice(first, first + imagesPerBatch);
      const values = await Promise.race([failure, program(pixelsOf(batch, sources!), batch.length)]);
      for (let place = 0; place < batch.length; place++) {
        const one = answer({ values, first: place * views * stored, stride: stored });
        if (!Number.isFinite(one.logit)) throw new Error("it returned values that are not numbers");
        answers.push(one);
      }
    }
    return answers;
  };
  return { classify, imagesPerBatch };
}

/** The images at the model's size, a number per pixel: red + 256 * green + 65,536 * blue. */
function pixelsOf(images: readonly Uint8Array[], sources: Uint32Array): Uint32Array {
  const pixels = new Uint32Array(images.length * sources.length);
  let place = 0;
  for (const image of images) {
    for (const from of sources) pixels[place++] = image[from]! | (image[from + 1]! << 8) | (image[from + 2]! << 16);
  }
  return pixels;
}
