/** A trained network: its arrays, its probabilities for images, and its ONNX file. */
import { toOnnx } from "../graph/onnx.ts";
import { buildProbabilitiesGraph, PATCHES, PROBABILITIES } from "../models/inference.ts";
import { type Arrays, classesOf, type ModelDescription } from "../nn/model.ts";
import { prune } from "../runtime/lowering/lower.ts";
import { openOnnx } from "../runtime/node/session.ts";
import type { Session, SessionOptions } from "../runtime/session.ts";
import { bytesOf, countImages } from "./data.ts";

/**
 * The number of images per run. It is always the same, and missing images are black: the rounding of a matrix product
 * depends on it.
 */
const IMAGES_PER_RUN = 32;

export class TrainedNetwork {
  readonly model: ModelDescription;
  /** Weights and normalization statistics by name, each in row-major order (engine/nn/layers.ts gives their shapes). */
  readonly arrays: Arrays;
  readonly #session: SessionOptions;
  #opened: Promise<Session> | undefined;

  constructor(model: ModelDescription, arrays: Arrays, session: SessionOptions) {
    this.model = model;
    this.arrays = arrays;
    this.#session = session;
  }

  /**
   * The probability of each class for each image. The result for an image does not depend on the other images.
   * @param images uint8 [n, height, width, channels]
   * @param imageSize height and width of the images in pixels; the network's own by default
   * @returns float32 [n, classes], the softmax
   * @throws UserError if the array ends within an image.
   */
  async predict(images: Uint8Array, imageSize: readonly [number, number] = this.#ownSize()): Promise<Float32Array> {
    const count = countImages(images, this.model, imageSize);
    this.#opened ??= openOnnx(this.onnx(), this.#session);
    const session = await this.#opened;
    const [bytes, classes] = [bytesOf(this.model, imageSize), classesOf(this.model)];
    const shape = [IMAGES_PER_RUN, ...imageSize, this.model.inputShape[0]];
    const found = new Float32Array(count * classes);
    for (let first = 0; first < count; first += IMAGES_PER_RUN) {
      const data = new Uint8Array(IMAGES_PER_RUN * bytes);
      data.set(images.subarray(first * bytes, (first + IMAGES_PER_RUN) * bytes));
      const answers = (await session.run({ [PATCHES]: { data, shape } }))[PROBABILITIES]!.data as Float32Array;
      found.set(answers.subarray(0, Math.min(IMAGES_PER_RUN, count - first) * classes), first * classes);
    }
    return found;
  }

  /**
   * The network as an ONNX file. Input "patches": uint8 [batch, height, width, channels] of any size. Output
   * "probabilities": float32 [batch, classes].
   */
  onnx(): Uint8Array {
    return toOnnx(prune(buildProbabilitiesGraph(this)));
  }

  /** Frees the memory of the prediction. The next prediction allocates it again. */
  async close(): Promise<void> {
    const opened = this.#opened;
    this.#opened = undefined;
    await (await opened)?.close();
  }

  #ownSize(): [number, number] {
    const [, height, width] = this.model.inputShape;
    return [height, width];
  }
}
