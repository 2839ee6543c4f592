/** Makes the batches of an epoch from a dataset: patches, targets, class weights and random augmentation. */
import type { BatchData } from "../../engine/training/loop.ts";
import type { ImageBatches } from "../../engine/training/measured_statistics.ts";
import { drawMove, moveMatrix } from "../../histology/augmentation/geometry.ts";
import { drawJitter, jitterMatrix } from "../../histology/augmentation/stain.ts";
import { epochBatches } from "../../histology/dataset/batches.ts";
import type { Dataset } from "../../histology/dataset/dataset.ts";
import { type Augmentation, moveRangesOf } from "../../options/training/augmentations.ts";
import type { TrainingSettings } from "../../options/training/settings.ts";
import { RandomStream } from "../../system/random.ts";

const CLASSES = 2;
const CHANNELS = 3;
/** The number of values in a move matrix [2, 3] and in a colour matrix [3, 4], per patch. */
const MOVE_NUMBERS = 6;
const COLOUR_NUMBERS = 12;

/**
 * The loss weights of the classes, [negative, positive]: the count of the larger class divided by the class's own
 * count, or 1 if the rule is "none".
 */
export function classWeightsOf(dataset: Dataset, rule: TrainingSettings["classWeights"]): [number, number] {
  const { no_idc, idc } = dataset.description.counts.train;
  const largest = Math.max(no_idc, idc);
  return rule === "none" ? [1, 1] : [largest / no_idc, largest / idc];
}

export interface TrainingDataOptions extends Pick<TrainingSettings, "batchSize" | "seed">, Augmentation {
  readonly dataset: Dataset;
  readonly classWeights: readonly [number, number];
}

/**
 * The batches of an epoch, starting at batch `first` (epochs and batches count from 0). Each batch is made on demand.
 */
export function* trainingBatches(
  options: TrainingDataOptions,
  indices: Uint32Array,
  epoch: number,
  first = 0,
): Generator<BatchData> {
  const { seed, batchSize } = options;
  for (const batch of epochBatches(indices, batchSize, { seed, epoch }).slice(first)) {
    yield readBatch(options, batch, epoch);
  }
}

function readBatch(options: TrainingDataOptions, batch: Uint32Array, epoch: number): BatchData {
  const { dataset, classWeights, seed, stainJitter } = options;
  const ranges = moveRangesOf(options);
  const { recordBytes } = dataset;
  const images = new Uint8Array(batch.length * recordBytes);
  const targets = new Float32Array(batch.length * CLASSES);
  const weights = new Float32Array(batch.length);
  const moves = new Float32Array(ranges ? batch.length * MOVE_NUMBERS : 0);
  const colours = new Float32Array(stainJitter ? batch.length * COLOUR_NUMBERS : 0);
  batch.forEach((index, place) => {
    dataset.read(index, images, place * recordBytes);
    const { label } = dataset.rows[index]!;
    targets[place * CLASSES + label] = 1;
    weights[place] = classWeights[label];
    if (!ranges && !stainJitter) return;
    // Each patch has its own random stream per epoch, so that its augmentation does not depend on its position in the
    // order.
    const random = new RandomStream(seed, "augment", epoch, index);
    if (ranges) moves.set(moveMatrix(drawMove(random, ranges)), place * MOVE_NUMBERS);
    if (stainJitter) colours.set(jitterMatrix(drawJitter(random, stainJitter)), place * COLOUR_NUMBERS);
  });
  return { images, targets, weights, ...(ranges ? { moves } : {}), ...(stainJitter ? { colours } : {}) };
}

/** The number of training patches for measuring normalization statistics, and the batch size. */
const STATISTICS_PATCHES = 2048;
const STATISTICS_BATCH = 64;

/**
 * The patches for measuring normalization statistics: a random sample of the training patches, without augmentation,
 * the same every time.
 */
export function statisticsImages(
  { dataset, seed }: Pick<TrainingDataOptions, "dataset" | "seed">,
  signal: AbortSignal,
): ImageBatches {
  const { recordBytes, side } = dataset;
  const shuffled = new RandomStream(seed, "statistics").shuffle(dataset.indicesOf("train").slice());
  const drawn = shuffled.subarray(0, STATISTICS_PATCHES);
  const size = Math.min(STATISTICS_BATCH, drawn.length);
  function* batches(): Generator<Uint8Array> {
    for (let start = 0; start + size <= drawn.length; start += size) {
      signal.throwIfAborted();
      const images = new Uint8Array(size * recordBytes);
      for (let place = 0; place < size; place++) {
        dataset.read(drawn[start + place]!, images, place * recordBytes);
      }
      yield images;
    }
  }
  return { shape: [size, side, side, CHANNELS], batches: batches() };
}
