/**
 * Opens a classifier on onnxruntime-node. The first images run on this thread. Once there were many on the CPU, in one call
 * or in several, they run in separate threads.
 */
import { ARCHITECTURE } from "../../../system/machine.ts";
import { DEVICES, type Device } from "../../runtime/devices.ts";
import type { SessionOptions } from "../../runtime/session.ts";
import { ownLane } from "../block_model.ts";
import { type Classifier, classifierOn } from "../classifier.ts";
import { IMAGES_PER_BLOCK, type Lanes } from "../lanes.ts";
import { startLaneThreads } from "./lane_threads.ts";
import { type ModelParts, openBlockModel } from "./open_block_model.ts";

/**
 * From this number of images on, it is worthwhile to start threads. Starting them takes about as long as 800 images.
 */
const MANY_IMAGES = 4096;
/** Fewer images than this run sooner on all threads together, if every run has a full block. */
const SEVERAL_IMAGES = 4 * IMAGES_PER_BLOCK;

/**
 * Opens a model (see models/inference.ts).
 * @throws Error if ONNX Runtime does not accept the file, or its input or output differs.
 */
export async function openClassifier(
  parts: ModelParts,
  imageSizePixels: number,
  options: SessionOptions,
): Promise<Classifier> {
  const { runsSideBySide, sameBitsInAnyBlock }: Device = DEVICES[options.device ?? "cpu"];
  const anyBlockSize = sameBitsInAnyBlock.includes(ARCHITECTURE);
  // All threads work on one block, so the first answers are available soonest.
  const size = { imageSizePixels, anyBlockSize };
  const model = await openBlockModel(parts, size, options);
  const own = ownLane(model, size);
  const least = anyBlockSize ? 2 : SEVERAL_IMAGES;
  let threads: Promise<Lanes> | undefined;
  let images = 0;
  const lanesFor = (count: number) => {
    images += count;
    if (images < MANY_IMAGES || count < least || !runsSideBySide) return own;
    threads ??= startLaneThreads(parts, { ...size, axes: model.axes }, options.threads);
    return threads;
  };
  return classifierOn(lanesFor, async () => {
    await own.close();
    // If the threads did not start, there is nothing to close.
    await threads?.then(
      (started) => started.close(),
      () => {},
    );
  });
}
