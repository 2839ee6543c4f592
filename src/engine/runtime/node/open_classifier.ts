/**
 * Opens a classifier on onnxruntime-node. A few images run on this thread. Many images on the CPU run in separate
 * threads.
 */
import { ARCHITECTURE } from "../../../system/machine.ts";
import { featureAxesOf, type Lanes, ownLane } from "../batch_slots.ts";
import { type Classifier, classifierOn } from "../classifier.ts";
import { DEVICES, type Device } from "../devices.ts";
import type { SessionOptions } from "../session.ts";
import { startLaneThreads } from "./inference_pool.ts";
import { openOnnx } from "./session.ts";

/**
 * From this number of images on, it is worthwhile to start threads. Starting them takes about as long as 800 images.
 */
const MANY_IMAGES = 4096;

/**
 * Opens the bytes of a model file (see models/inference.ts).
 * @throws Error if ONNX Runtime does not accept the file, or its input or output differs.
 */
export async function openClassifier(
  bytes: Uint8Array,
  imageSizePixels: number,
  options: SessionOptions,
): Promise<Classifier> {
  // All threads work on one block, so the first answers are available soonest.
  const session = await openOnnx(bytes, options);
  const { runsSideBySide, sameBitsInAnyBlock }: Device = DEVICES[options.device ?? "cpu"];
  const anyBlockSize = sameBitsInAnyBlock.includes(ARCHITECTURE);
  const size = { imageSizePixels, axes: featureAxesOf(session), anyBlockSize };
  const own = await ownLane(session, size);
  let threads: Promise<Lanes> | undefined;
  const lanesFor = (count: number) => {
    if (count < MANY_IMAGES || !runsSideBySide) return own;
    threads ??= startLaneThreads(bytes, size, options.threads);
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
