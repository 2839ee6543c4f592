/** Opens a classifier on onnxruntime-node: a few images run on this thread, many on the CPU in threads beside it. */
import { type Lanes, ownLane } from "../batch_slots.ts";
import { type Classifier, classifierOn } from "../classifier.ts";
import { DEVICES } from "../devices.ts";
import type { SessionOptions } from "../session.ts";
import { startLaneThreads } from "./inference_pool.ts";
import { openOnnx } from "./session.ts";

/** From so many images on it is worth while to start threads, which takes about as long as 800 images. */
const MANY_IMAGES = 4096;

/**
 * Opens the bytes of a model file (see models/inference.ts).
 * @throws Error if ONNX Runtime does not accept it, or its input or output is another.
 */
export async function openClassifier(
  bytes: Uint8Array,
  imageSizePixels: number,
  options: SessionOptions,
): Promise<Classifier> {
  // All threads at one block: the first answers come soonest.
  const own = await ownLane(await openOnnx(bytes, options), imageSizePixels);
  const { runsSideBySide } = DEVICES[options.device ?? "cpu"];
  let threads: Promise<Lanes> | undefined;
  const lanesFor = (count: number) => {
    if (count < MANY_IMAGES || !runsSideBySide) return own;
    threads ??= startLaneThreads(bytes, imageSizePixels, options.threads);
    return threads;
  };
  return classifierOn(lanesFor, async () => {
    await own.close();
    // Where they did not start, there is nothing to close.
    await threads?.then(
      (started) => started.close(),
      () => {},
    );
  });
}
