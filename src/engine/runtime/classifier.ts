/** Runs a trained model over any number of images; an image's probability does not depend on those beside it. */
import { messageOf, UserError } from "../../util/errors.ts";
import { LOGIT, PATCHES, PROBABILITY } from "../models/inference.ts";
import { Session, type SessionOptions } from "./session.ts";

/** Images of one run. Always the same number, filled up with black: the rounding of a matrix product depends on it. */
const IMAGES_PER_RUN = 32;

/** Fills `into`, uint8 RGB [count, height, width, 3], with images `first` to `first + count - 1`. */
export type ImageReader = (first: number, count: number, into: Uint8Array) => void;

export interface Classifier {
  /**
   * The probability of the last class for each of `count` images of one size in pixels: float32 [count].
   * @param onProgress is told how many images are done.
   * @throws UserError where the model does not run, or gives what is no probability.
   */
  classify(count: number, read: ImageReader, onProgress?: (done: number) => void): Promise<Float32Array>;
  /** Likewise the logits, as the model was trained: before any calibration. */
  logits(count: number, read: ImageReader, onProgress?: (done: number) => void): Promise<Float32Array>;
  close(): Promise<void>;
}

/**
 * Opens a model file (see models/inference.ts).
 * @throws Error where ONNX Runtime does not accept it, or its input or output is another.
 */
export async function openClassifier(
  bytes: Uint8Array,
  imageSizePixels: number,
  options: SessionOptions,
): Promise<Classifier> {
  const session = await Session.fromBytes(bytes, options);
  const [input] = session.inputs;
  if (session.inputs.length !== 1 || input?.name !== PATCHES || input.type !== "uint8" || input.shape.length !== 4) {
    await session.close();
    throw new Error(`its input is not "${PATCHES}", uint8 [batch, height, width, 3]`);
  }
  const missing = [PROBABILITY, LOGIT].find((name) => !session.outputNames.includes(name));
  if (missing !== undefined) {
    await session.close();
    throw new Error(`it has no output "${missing}"`);
  }
  const shape = [IMAGES_PER_RUN, imageSizePixels, imageSizePixels, 3];
  const images = new Uint8Array(IMAGES_PER_RUN * imageSizePixels * imageSizePixels * 3);
  const results = {
    [PROBABILITY]: { data: new Float32Array(IMAGES_PER_RUN), shape: [IMAGES_PER_RUN] },
    [LOGIT]: { data: new Float32Array(IMAGES_PER_RUN), shape: [IMAGES_PER_RUN] },
  };
  const runAll =
    (output: keyof typeof results): Classifier["classify"] =>
    async (count, read, onProgress) => {
      const found = new Float32Array(count);
      for (let first = 0; first < count; first += IMAGES_PER_RUN) {
        const size = Math.min(IMAGES_PER_RUN, count - first);
        images.fill(0);
        read(first, size, images);
        await session.run({ [PATCHES]: { data: images, shape } }, results).catch(cannotRun);
        if (!results[PROBABILITY].data.every((value) => value >= 0 && value <= 1)) {
          throw new UserError(`The model gives values that are no probabilities (such as NaN): ${MEND}.`);
        }
        found.set(results[output].data.subarray(0, size), first);
        onProgress?.(first + size);
      }
      return found;
    };
  return { classify: runAll(PROBABILITY), logits: runAll(LOGIT), close: () => session.close() };
}

const MEND = "it is damaged, restore it or train it again";

function cannotRun(error: unknown): never {
  throw new UserError(`The model cannot be run (${messageOf(error)}): ${MEND}.`);
}
