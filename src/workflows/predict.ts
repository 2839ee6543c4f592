/** The command "predict": runs a trained model on images, and returns a probability of the positive class for each. */
import { recordSideOf } from "../artifacts/model_card.ts";
import type { OpenModel } from "../artifacts/open_model.ts";
import { locateModel } from "../artifacts/run_folder.ts";
import type { ModelAnswers } from "../engine/classification/classifier.ts";
import { forEachInParallel } from "../histology/dataset/parallel.ts";
import { recordBytes, toRecord } from "../histology/dataset/record.ts";
import { decodeImage } from "../histology/image/decode.ts";
import { IMAGE_EXTENSIONS, isImageName } from "../histology/image/extensions.ts";
import { checkedOptions } from "../options/checked_options.ts";
import { type PredictOptions, predictOptions } from "../options/predict.ts";
import { threadsOf } from "../options/thread_count.ts";
import type { FilePrediction, PredictResult } from "../reports/prediction/report.ts";
import { predictionOf } from "../reports/prediction.ts";
import { kindOf } from "../system/files.ts";
import { findFiles } from "../system/found_files.ts";
import type { Context } from "../util/context.ts";
import { UserError } from "../util/errors.ts";
import { RESEARCH_USE_NOTICE } from "../util/notice.ts";
import { TimeParts } from "../util/time_parts.ts";
import { openModelOnDevice } from "./device/choice.ts";

/** Show progress only for more images than this. */
const FEWEST_WITH_PROGRESS = 256;

export type { FilePrediction, PredictResult };

/** The bytes of decoded images per group, which limits memory for any number of images. */
const BYTES_AT_A_TIME = 1 << 26;
/**
 * The maximum number of images per group. A larger group would not make better use of the classifier's threads
 * (engine/classification/node/open_classifier.ts).
 */
const MOST_AT_A_TIME = 8192;

const imagesAtATime = (side: number): number =>
  Math.min(MOST_AT_A_TIME, Math.ceil(BYTES_AT_A_TIME / recordBytes(side)));

/**
 * Classifies images. An image that cannot be read causes a warning, and the result counts it.
 * @throws UserError if the model or a path does not exist, or if the only image cannot be read.
 */
export async function predict(given: PredictOptions, context: Context): Promise<PredictResult> {
  const times = new TimeParts<"program" | "model" | "images" | "answers">();
  times.end("program");
  const options = checkedOptions(predictOptions, given);
  const location = await locateModel(options.model);
  const { files, leftOut } = await listImages(options.images, context);
  const model = await openModelOnDevice(
    location,
    { wanted: options.device, threads: threadsOf(options) },
    context.signal,
  );
  times.end("model");
  const { card, classifier, device, reason } = model;
  const side = recordSideOf(card);
  if (options.device === "auto") context.reporter.event({ event: "device", device, reason });
  const predictions: FilePrediction[] = [];
  try {
    const atATime = imagesAtATime(side);
    const shows = files.length > FEWEST_WITH_PROGRESS;
    const showDone = (done: number) =>
      shows && context.reporter.progress({ task: "predict", done, total: files.length, unit: "images" });
    for (let first = 0; first < files.length; first += atATime) {
      context.signal.throwIfAborted();
      const some = files.slice(first, first + atATime);
      // An image is done only when it is classified. So the last one of a group does not count before that.
      const onDecoded = (count: number) => showDone(first + Math.min(count, some.length - 1));
      const images = await decodeAll(some, { single: files.length === 1, side, onDecoded }, context);
      times.end("images");
      const { probabilities } = await classifyRecords(
        model,
        images.map(({ record }) => record),
        context.signal,
      );
      times.end("answers");
      images.forEach(({ file, width, height }, place) => {
        const item = { file, ...predictionOf(probabilities[place]!, card), width, height };
        predictions.push(item);
        context.reporter.event({ event: "item", item });
      });
      showDone(first + some.length);
    }
  } finally {
    await classifier.close();
  }
  if (options.timing) context.reporter.event({ event: "timing", milliseconds: times.milliseconds });
  const failed = files.length + leftOut - predictions.length;
  const { class_names, threshold } = card;
  return { predictions, failed, class_names, threshold, record_side: side, notice: RESEARCH_USE_NOTICE };
}

/** The given files, and the images in the given folders (by file extension), sorted by name. */
async function listImages(paths: readonly string[], context: Context): Promise<{ files: string[]; leftOut: number }> {
  const files: string[] = [];
  let leftOut = 0;
  for (const path of paths) {
    const kind = await kindOf(path);
    if (kind === "nothing")
      throw new UserError("image-missing", `There is no image or folder at ${path}: check the path.`);
    if (kind === "file") {
      files.push(path);
      continue;
    }
    const found = await findFiles(path, { isWanted: isImageName, kind: "images", endings: IMAGE_EXTENSIONS }, context);
    for (const file of found.files) files.push(file);
    leftOut += found.leftOut;
  }
  return { files, leftOut };
}

/**
 * The number of images decoded in parallel. It is small because an abort waits for the started ones, and images may be
 * large.
 */
const DECODED_AT_ONCE = 8;

interface DecodedImage {
  readonly file: string;
  readonly width: number;
  readonly height: number;
  readonly record: Uint8Array;
}

interface DecodeOptions {
  /** Whether this is the only image. */
  readonly single: boolean;
  readonly side: number;
  onDecoded(count: number): void;
}

async function decodeAll(
  files: readonly string[],
  { single, side, onDecoded }: DecodeOptions,
  { reporter, signal }: Context,
): Promise<DecodedImage[]> {
  const decoded: (DecodedImage | undefined)[] = Array(files.length).fill(undefined);
  const watch = { signal, onProgress: onDecoded, atOnce: DECODED_AT_ONCE };
  await forEachInParallel(files.length, watch, async (index) => {
    const file = files[index]!;
    try {
      const image = await decodeImage(file, file);
      decoded[index] = { file, width: image.width, height: image.height, record: toRecord(image, side) };
    } catch (error) {
      // If there is only one image, its error ends the command.
      if (!(error instanceof UserError) || single) throw error;
      reporter.warn(error.message);
    }
  });
  return decoded.filter((image) => image !== undefined);
}

function classifyRecords(
  { card, classifier }: OpenModel,
  records: readonly Uint8Array[],
  signal: AbortSignal,
): Promise<ModelAnswers> {
  const bytes = recordBytes(recordSideOf(card));
  return classifier.classify(records.length, (first, count, into) => {
    signal.throwIfAborted();
    for (let place = 0; place < count; place++) into.set(records[first + place]!, place * bytes);
  });
}
