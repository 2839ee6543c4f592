/** Runs a trained model over any number of images; an image's probability does not depend on those beside it. */
import { messageOf, UserError } from "../../util/errors.ts";
import { LOGIT, PROBABILITY } from "../models/inference.ts";
import { type BlockAnswers, IMAGES_PER_BLOCK, type Lane, type Lanes, openOwnLane } from "./batch_slots.ts";
import { DEVICES } from "./devices.ts";
import { startLaneThreads } from "./inference_pool.ts";
import type { SessionOptions } from "./session.ts";

/** From so many images on it is worth while to start threads, which takes about as long as 800 images. */
const MANY_IMAGES = 4096;

/**
 * Fills `into`, uint8 RGB [count, height, width, 3], with images `first` to `first + count - 1`. It is asked for one part
 * after the other, in their order.
 */
export type ImageReader = (first: number, count: number, into: Uint8Array) => void | Promise<void>;

/** Some of the answers, from image `first` on, and how many there are by now; parts may come out of their order. */
export interface AnswerBlock {
  readonly first: number;
  readonly answers: Float32Array;
  readonly done: number;
}

export type OnAnswers = (answered: AnswerBlock) => void;

export interface Classifier {
  /**
   * The probability of the last class for each of `count` images of one size in pixels: float32 [count].
   * @param onAnswers gets them as they come.
   * @throws UserError if the model does not run, or gives what is no probability; what `read` or `onAnswers` throws.
   */
  classify(count: number, read: ImageReader, onAnswers?: OnAnswers): Promise<Float32Array>;
  /** Likewise the logits, as the model was trained: before any calibration. */
  logits(count: number, read: ImageReader, onAnswers?: OnAnswers): Promise<Float32Array>;
  close(): Promise<void>;
}

/**
 * Opens a model file (see models/inference.ts). A few images run on this thread, many on the CPU in threads beside it.
 * @throws Error if ONNX Runtime does not accept it, or its input or output is another.
 */
export async function openClassifier(
  bytes: Uint8Array,
  imageSizePixels: number,
  options: SessionOptions,
): Promise<Classifier> {
  const own = await openOwnLane(bytes, imageSizePixels, options);
  const { runsSideBySide } = DEVICES[options.device ?? "cpu"];
  let threads: Promise<Lanes> | undefined;
  const lanesFor = (count: number) => {
    if (count < MANY_IMAGES || !runsSideBySide) return own;
    threads ??= startLaneThreads(bytes, imageSizePixels, options.threads);
    return threads;
  };
  const answersOf =
    (output: keyof BlockAnswers): Classifier["classify"] =>
    async (count, read, onAnswers) =>
      answersFrom(await lanesFor(count), output, { count, read, onAnswers });
  return {
    classify: answersOf(PROBABILITY),
    logits: answersOf(LOGIT),
    async close() {
      await own.close();
      // Where they did not start, there is nothing to close.
      await threads?.then(
        (started) => started.close(),
        () => {},
      );
    },
  };
}

interface Images {
  readonly count: number;
  readonly read: ImageReader;
  readonly onAnswers: OnAnswers | undefined;
}

/** Fills one lane after the other and lets it run; ends when all have, even if one has failed. */
async function answersFrom(
  lanes: Lanes,
  output: keyof BlockAnswers,
  { count, read, onAnswers }: Images,
): Promise<Float32Array> {
  const found = new Float32Array(count);
  const failures: unknown[] = [];
  const running: Promise<void>[] = [];
  let done = 0;
  const runLane = async (lane: Lane, first: number, size: number) => {
    const answers = await answersTo(lane, output);
    found.set(answers.subarray(0, size), first);
    done += size;
    onAnswers?.({ first, answers: found.subarray(first, first + size), done });
  };
  for (let first = 0; first < count && failures.length === 0; first += IMAGES_PER_BLOCK) {
    const size = Math.min(IMAGES_PER_BLOCK, count - first);
    const lane = await lanes.take();
    try {
      if (size < IMAGES_PER_BLOCK) lane.images.fill(0);
      await read(first, size, lane.images);
    } catch (error) {
      failures.push(error);
      lanes.give(lane);
      break;
    }
    const run = runLane(lane, first, size).catch((error: unknown) => void failures.push(error));
    running.push(run.then(() => lanes.give(lane)));
  }
  await Promise.all(running);
  if (failures.length > 0) throw failures[0];
  return found;
}

async function answersTo(lane: Lane, output: keyof BlockAnswers): Promise<Float32Array> {
  await lane.run().catch(cannotRun);
  if (!lane.answers[PROBABILITY].every((value) => value >= 0 && value <= 1)) {
    throw new UserError("model-failed", `The model gives values that are no probabilities (such as NaN): ${REMEDY}.`);
  }
  return lane.answers[output];
}

const REMEDY = "it is damaged, restore it or train it again";

function cannotRun(error: unknown): never {
  throw new UserError("model-failed", `The model cannot be run (${messageOf(error)}): ${REMEDY}.`);
}
