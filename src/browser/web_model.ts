/** Opens a model file in a page and classifies pictures with it in workers. Nothing is uploaded. */
import type { ModelCard } from "../artifacts/model_card.ts";
import { type Prediction, predictionOf } from "../reports/prediction.ts";
import { UserError } from "../util/errors.ts";
import { RESEARCH_USE_NOTICE } from "../util/notice.ts";
import type { OpenedFile, SentAnswer } from "./protocol.ts";
import type { WebSlideScores } from "./slides/protocol.ts";
import { type ScoreSlideOptions, scoreWebSlide } from "./slides/web_slide.ts";
import { type ModelInput, modelBytes, type Picture, sentPicture } from "./sources.ts";
import { WEB_DEVICES, type WebDevice } from "./web_devices.ts";
import { asUserError } from "./worker_link.ts";
import { WorkerPool } from "./worker_pool.ts";

/** The answer for one picture: as `cancernet predict` prints it, and more. */
export interface PictureAnswer extends Prediction {
  /** The log odds of the positive class before calibration. */
  readonly logit: number;
  /** The picture's own size in pixels. */
  readonly width: number;
  readonly height: number;
}

/** Why a picture has no answer. The other pictures have theirs. */
export interface PictureRefusal {
  readonly error: UserError;
}

/** The answer for one picture, and where in it the evidence is. */
export interface PictureExplanation extends PictureAnswer {
  /**
   * Grad-CAM as `cancernet explain` computes it, row by row, in log odds: positive values are evidence for the positive
   * class, negative values against it.
   */
  readonly map: {
    readonly height: number;
    readonly width: number;
    readonly values: Float64Array;
    /** The convolution whose feature maps are used. */
    readonly layer: string;
  };
  /** The patch that the model saw, 8-bit sRGB by row, 3 bytes per pixel. */
  readonly patch: { readonly width: number; readonly height: number; readonly data: Uint8Array };
}

export interface WebOptions {
  /** The number of workers, 1 to 32; by default one less than the machine's cores, and at most 4. */
  readonly workers?: number;
  /**
   * What computes the answers of `classify`: "cpu" (the default) or "webgpu", a graphics card. "webgpu" is refused if
   * there is no WebGPU, or only one in software. The model is first checked on the device; if it fails then or later,
   * the CPU computes instead, and `onWarning` is called.
   */
  readonly device?: WebDevice;
  /** Is called with one sentence that a page should show: that the device is no longer used, and why. */
  readonly onWarning?: (message: string) => void;
}

export interface ClassifyOptions {
  /** Is called for each picture as soon as it is done. Pictures may be done out of order. */
  readonly onAnswer?: (answer: PictureAnswer | PictureRefusal, index: number) => void;
  /** Stops the work. */
  readonly signal?: AbortSignal;
}

/** An open model. A page must show `notice` with every answer. */
export interface WebModel {
  /** "Research use only: not for diagnosis." */
  readonly notice: string;
  /** The names of the two classes. The probability is that of the positive one. */
  readonly classNames: readonly [negative: string, positive: string];
  /** A picture gets the positive label if its probability is at least this. */
  readonly threshold: number;
  /** The divisor of the log odds, which is part of the probability. */
  readonly temperature: number;
  /** All facts in the model file. */
  readonly card: ModelCard;
  /** The same as text. */
  readonly cardText: string;
  /** The SHA-256 of the model file, in hexadecimal. */
  readonly sha256: string;
  /**
   * Classifies pictures. An answer depends on its picture only, not on the other pictures or the number of workers.
   * @returns an answer or a refusal per picture, in the order of the pictures
   * @throws UserError if a picture is no picture, or a worker stops; the signal's reason if it is aborted
   */
  classify(pictures: Iterable<Picture>, options?: ClassifyOptions): Promise<(PictureAnswer | PictureRefusal)[]>;
  /**
   * Classifies a picture and shows where the evidence is.
   * @throws UserError if the picture cannot be used, or a worker stops
   */
  explain(picture: Picture): Promise<PictureExplanation>;
  /**
   * Scores a whole slide, as `cancernet slide` does: Aperio SVS, other TIFF slides of one file, PNG, JPEG, WebP. Only the
   * ranges of the file that are needed are read.
   * @throws UserError if a setting is wrong, the slide cannot be read or has no tissue, or a worker stops; the signal's
   *   reason if it is aborted
   */
  scoreSlide(file: Blob, options?: ScoreSlideOptions): Promise<WebSlideScores>;
  /** Stops the workers. Later calls fail. */
  close(): void;
}

const MOST_WORKERS = 32;
const MOST_DEFAULT_WORKERS = 4;

/**
 * Opens a model file that cancernet has written.
 * @throws UserError with one sentence if it cannot be loaded, is not sound or not ours, or if the browser cannot run it
 */
export async function openWebModel(
  source: ModelInput,
  { workers = defaultWorkers(), device = "cpu", onWarning = () => {} }: WebOptions = {},
): Promise<WebModel> {
  if (!Number.isInteger(workers) || workers < 1 || workers > MOST_WORKERS) {
    throw new UserError(
      "option-invalid",
      `workers must be a whole number from 1 to ${MOST_WORKERS}, but is ${workers}.`,
    );
  }
  if (!Object.hasOwn(WEB_DEVICES, device)) {
    throw new UserError(
      "option-invalid",
      `device must be one of ${Object.keys(WEB_DEVICES).join(", ")}, but is ${device}.`,
    );
  }
  const { bytes, place } = await modelBytes(source);
  const pool = new WorkerPool(workers, device, onWarning);
  try {
    return modelOn(pool, await pool.open(bytes, place));
  } catch (error) {
    pool.end(new Error("The model could not be opened."));
    throw error;
  }
}

function modelOn(pool: WorkerPool, { card, cardText, sha256 }: OpenedFile): WebModel {
  const answerOf = (sent: SentAnswer): PictureAnswer | PictureRefusal =>
    "error" in sent ? { error: asUserError(sent.error) } : { ...sent, ...predictionOf(sent.probability, card) };
  return {
    notice: RESEARCH_USE_NOTICE,
    classNames: card.class_names,
    threshold: card.threshold,
    temperature: card.temperature,
    card,
    cardText,
    sha256,
    async classify(pictures, { onAnswer, signal } = {}) {
      const sent = Array.from(pictures, sentPicture);
      const answers: (PictureAnswer | PictureRefusal)[] = Array(sent.length);
      const onSent = (one: SentAnswer, index: number) => {
        answers[index] = answerOf(one);
        onAnswer?.(answers[index], index);
      };
      await pool.classify(sent, onSent, signal);
      return answers;
    },
    async explain(picture) {
      const reasons = await pool.explain(sentPicture(picture, 0));
      return { ...reasons, ...predictionOf(reasons.probability, card) };
    },
    scoreSlide: (file, options = {}) => scoreWebSlide(pool, card, file, options),
    close: () => pool.end(new UserError("model-failed", "The model was closed: open it again.")),
  };
}

/** One core stays free for the page. */
const defaultWorkers = () => Math.min(MOST_DEFAULT_WORKERS, Math.max(1, navigator.hardwareConcurrency - 1));
