/** Runs a trained model on any number of images. The answer for an image does not depend on the other images. */
import { messageOf, UserError } from "../../util/errors.ts";
import { LOGIT, PATCH_FEATURES, PROBABILITY } from "../models/inference.ts";
import { type BlockAnswers, IMAGES_PER_BLOCK, type Lane, type Lanes } from "./lanes.ts";

/**
 * Fills `into`, uint8 RGB [count, height, width, 3], with images `first` to `first + count - 1`. It is called for one
 * part after the other, in order.
 */
export type ImageReader = (first: number, count: number, into: Uint8Array) => void | Promise<void>;

/** The model's answers for each image separately. Both arrays are from the same run. */
export interface ModelAnswers {
  /** float32 [count]: the calibrated probability of the last class, from 0 to 1. */
  readonly probabilities: Float32Array;
  /**
   * float32 [count]: the log odds of the last class as the model was trained, before calibration. Calibration and the
   * weights of neighbours are applied to these. A probability near 0 or 1 has lost digits that the log odds still have.
   */
  readonly logits: Float32Array;
  /** float32 [count, axes]: the features of a model that describes its training's cases; empty for other models. */
  readonly features: Float32Array;
}

/**
 * Some of the answers, from image `first` on. `done` is the number of answers so far. Parts may arrive out of order.
 */
export interface AnswerBlock extends Pick<ModelAnswers, "probabilities" | "logits"> {
  readonly first: number;
  readonly done: number;
}

export type OnAnswers = (answered: AnswerBlock) => void;

export interface Classifier {
  /**
   * Runs the model once on each of `count` images, which have the same size in pixels.
   * @param onAnswers is called with answers as soon as they are available.
   * @throws UserError if the model cannot run, or returns values that are not probabilities; whatever `read` or
   *   `onAnswers` throws.
   */
  classify(count: number, read: ImageReader, onAnswers?: OnAnswers): Promise<ModelAnswers>;
  close(): Promise<void>;
}

/** A classifier on lanes. `lanesFor` returns the lanes for a number of images. */
export function classifierOn(
  lanesFor: (count: number) => Lanes | Promise<Lanes>,
  close: () => Promise<void>,
): Classifier {
  return {
    classify: async (count, read, onAnswers) => answersFrom(await lanesFor(count), { count, read, onAnswers }),
    close,
  };
}

interface Images {
  readonly count: number;
  readonly read: ImageReader;
  readonly onAnswers: OnAnswers | undefined;
}

/** Fills one lane after the other and runs it. Ends when all lanes have ended, even if one has failed. */
async function answersFrom(lanes: Lanes, { count, read, onAnswers }: Images): Promise<ModelAnswers> {
  const found = { probabilities: new Float32Array(count), logits: new Float32Array(count), features: NO_FEATURES };
  const failures: unknown[] = [];
  const running: Promise<void>[] = [];
  let done = 0;
  const runLane = async (lane: Lane, first: number, size: number) => {
    const answers = await answersTo(lane, size);
    found.probabilities.set(answers[PROBABILITY], first);
    found.logits.set(answers[LOGIT], first);
    const axes = answers[PATCH_FEATURES].length / size;
    if (axes > 0 && found.features.length === 0) found.features = new Float32Array(count * axes);
    found.features.set(answers[PATCH_FEATURES], first * axes);
    done += size;
    const probabilities = found.probabilities.subarray(first, first + size);
    onAnswers?.({ first, probabilities, logits: found.logits.subarray(first, first + size), done });
  };
  const most = Math.min(IMAGES_PER_BLOCK, Math.ceil(count / lanes.shares));
  for (let first = 0; first < count && failures.length === 0; first += most) {
    const size = Math.min(most, count - first);
    const lane = await lanes.take();
    try {
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

const NO_FEATURES = new Float32Array(0);

/** The answers for the first `count` images of the lane. */
async function answersTo(lane: Lane, count: number): Promise<BlockAnswers> {
  await lane.run(count).catch(cannotRun);
  const part = (all: Float32Array) => all.subarray(0, (all.length / IMAGES_PER_BLOCK) * count);
  const [probabilities, logits] = [part(lane.answers[PROBABILITY]), part(lane.answers[LOGIT])];
  if (!probabilities.every((value) => value >= 0 && value <= 1) || logits.some(Number.isNaN)) {
    throw new UserError(
      "model-failed",
      `The model returns values that are not probabilities (such as NaN): ${REMEDY}.`,
    );
  }
  return { [PROBABILITY]: probabilities, [LOGIT]: logits, [PATCH_FEATURES]: part(lane.answers[PATCH_FEATURES]) };
}

const REMEDY = "it is damaged, restore it or train it again";

function cannotRun(error: unknown): never {
  throw new UserError("model-failed", `The model cannot be run (${messageOf(error)}): ${REMEDY}.`);
}
