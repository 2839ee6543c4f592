/** The images and labels that a caller trains a network on: checked, and cut into batches. */
import { RandomStream } from "../../system/random.ts";
import { batchSizes } from "../../util/batch_sizes.ts";
import { UserError } from "../../util/errors.ts";
import { counted } from "../../util/numbers.ts";
import { classesOf, type ModelDescription } from "../nn/model.ts";
import type { BatchData } from "../training/loop.ts";

/** Images with the class of each. */
export interface LabelledImages {
  /** uint8 [n, height, width, channels]. */
  readonly images: Uint8Array;
  /** [n]: the class of each image, a whole number from 0 on. */
  readonly labels: ArrayLike<number>;
}

/** Batches that the caller makes, for data that do not fit into memory. */
export interface BatchSource {
  /** How many batches an epoch has. */
  readonly batchesPerEpoch: number;
  /** The batches of an epoch (from 0), each asked for when it is needed; two images at least in each. */
  batches(epoch: number): Iterable<LabelledImages>;
}

/** What every batch of a training has in common. */
export interface BatchFormat {
  readonly model: ModelDescription;
  /** Height and width of the images in pixels; the network scales them to its own (nearest neighbour). */
  readonly imageSize: readonly [height: number, width: number];
  /** [classes]: how much an error on an image of each class counts. */
  readonly classWeights: readonly number[];
}

/** Batch normalization divides by the variance over a batch: of one image it says little. */
const SMALLEST_BATCH = 2;

/**
 * The caller's data as batches; an array's images are shuffled in each epoch by the seed, and each is seen once.
 * @throws UserError if the numbers of images and labels do not fit.
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

/** A batch as the training step takes it: labels as probabilities, [n, classes]. */
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

/** How many images there are, once it is sure that each has a label and its pixels. */
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

/** How many images an array holds. @throws UserError if it ends within an image. */
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

/** @throws UserError if an option is no whole number in the range. */
export function requireWhole(name: string, value: number, least: number, most = Number.MAX_SAFE_INTEGER): void {
  if (Number.isInteger(value) && value >= least && value <= most) return;
  throw new UserError("option-invalid", `${name} is ${value}: expected a whole number of at least ${least}.`);
}
