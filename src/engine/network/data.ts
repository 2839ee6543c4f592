/** Checks the images and labels that a caller trains a network on, and divides them into batches. */
import { RandomStream } from "../../system/random.ts";
import { batchSizes } from "../../util/batch_sizes.ts";
import { UserError } from "../../util/errors.ts";
import { counted } from "../../util/numbers.ts";
import { classesOf, type ModelDescription } from "../nn/model.ts";
import type { BatchData } from "../training/loop.ts";

/** Images and the class of each image. */
export interface LabelledImages {
  /** uint8 [n, height, width, channels]. */
  readonly images: Uint8Array;
  /** [n]: the class of each image, a whole number starting at 0. */
  readonly labels: ArrayLike<number>;
}

/** Batches that the caller makes, for data that does not fit into memory. */
export interface BatchSource {
  /** The number of batches per epoch. */
  readonly batchesPerEpoch: number;
  /** The batches of an epoch (counted from 0), each requested when it is needed. A batch has at least two images. */
  batches(epoch: number): Iterable<LabelledImages>;
}

/** What all batches of a training have in common. */
export interface BatchFormat {
  readonly model: ModelDescription;
  /** Height and width of the images in pixels. The network scales them to its own size (nearest neighbour). */
  readonly imageSize: readonly [height: number, width: number];
  /** [classes]: the weight of the loss for images of each class. */
  readonly classWeights: readonly number[];
}

/** Batch normalization divides by the variance over a batch, which a single image estimates poorly. */
const SMALLEST_BATCH = 2;

/**
 * The caller's data as batches. The images of an array are shuffled by the seed in each epoch, and each is used once
 * per epoch.
 * @throws UserError if the numbers of images and labels do not fit together.
 */
export function batchSourceOf(
  data: LabelledImages | BatchSource,
  format: BatchFormat,
  { batchSize, seed }: { batchSize: number; seed: number },
): BatchSource {
  if ("batches" in data) {
    requireWhole("batchesPerEpoch", data.batchesPerEpoch, 1);
    return data;
  }
  const count = requireLabelled(data, format);
  const sizes = batchSizes(count, batchSize);
  return { batchesPerEpoch: sizes.length, batches: (epoch) => shuffled(data, format, { sizes, seed, epoch }) };
}

function* shuffled(
  { images, labels }: LabelledImages,
  { model, imageSize }: BatchFormat,
  { sizes, seed, epoch }: { sizes: readonly number[]; seed: number; epoch: number },
): Generator<LabelledImages> {
  const bytes = bytesOf(model, imageSize);
  const order = new RandomStream(seed, "order", epoch).shuffle(
    Uint32Array.from({ length: labels.length }, (_, i) => i),
  );
  let start = 0;
  for (const size of sizes) {
    const drawn = order.subarray(start, start + size);
    const batch = new Uint8Array(size * bytes);
    drawn.forEach((image, place) => {
      batch.set(images.subarray(image * bytes, (image + 1) * bytes), place * bytes);
    });
    yield { images: batch, labels: Array.from(drawn, (image) => labels[image]!) };
    start += size;
  }
}

/** A batch for the training step: labels become probabilities, [n, classes]. */
export function batchDataOf(batch: LabelledImages, format: BatchFormat): BatchData {
  const count = requireLabelled(batch, format);
  const classes = classesOf(format.model);
  const targets = new Float32Array(count * classes);
  const weights = new Float32Array(count);
  for (let image = 0; image < count; image++) {
    const label = batch.labels[image]!;
    targets[image * classes + label] = 1;
    weights[image] = format.classWeights[label]!;
  }
  return { images: batch.images, targets, weights };
}

/** The number of images, after checking that each has a label and all its pixels. */
function requireLabelled({ images, labels }: LabelledImages, { model, imageSize }: BatchFormat): number {
  const count = countImages(images, model, imageSize);
  if (labels.length !== count) {
    throw new UserError(
      "data-mismatch",
      `There are ${counted(count, "image")} but ${counted(labels.length, "label")}: give one label per image.`,
    );
  }
  if (count < SMALLEST_BATCH) {
    throw new UserError(
      "data-too-few",
      `There are ${counted(count, "image")} to train on at once: give ${SMALLEST_BATCH} at least.`,
    );
  }
  const classes = classesOf(model);
  for (let image = 0; image < count; image++) {
    const label = labels[image]!;
    if (Number.isInteger(label) && label >= 0 && label < classes) continue;
    throw new UserError(
      "label-invalid",
      `Label ${image + 1} of ${count} is ${label}: expected a whole number from 0 to ${classes - 1}.`,
    );
  }
  return count;
}

/**
 * The number of images in an array.
 * @throws UserError if the array ends within an image.
 */
export function countImages(images: Uint8Array, model: ModelDescription, imageSize: readonly [number, number]): number {
  const [height, width] = imageSize;
  const bytes = bytesOf(model, imageSize);
  if (images.length % bytes === 0) return images.length / bytes;
  throw new UserError(
    "data-mismatch",
    `The images have ${counted(images.length, "byte")}, which is not a multiple of ${height} x ${width} pixels with ` +
      `${counted(model.inputShape[0]!, "channel")} (${counted(bytes, "byte")} per image): check their height, width and channels.`,
  );
}

export function bytesOf(
  { inputShape: [channels] }: ModelDescription,
  [height, width]: readonly [number, number],
): number {
  return height * width * channels;
}

/** @throws UserError if an option is not a whole number in the range. */
export function requireWhole(name: string, value: number, least: number, most = Number.MAX_SAFE_INTEGER): void {
  if (Number.isInteger(value) && value >= least && value <= most) return;
  throw new UserError("option-invalid", `${name} is ${value}: expected a whole number of at least ${least}.`);
}
