/** From a dataset to the batches of an epoch: patches, targets, class weights and the draws of augmentation. */
import type { BatchData } from "../engine/training/loop.ts";
import type { ImageChanges } from "../engine/training/step.ts";
import { drawMove, moveMatrix, TURNING_RANGES, TUTORIAL_RANGES } from "../histology/augmentation/geometry.ts";
import { drawJitter, jitterMatrix } from "../histology/augmentation/stain.ts";
import { epochBatches, epochSamples, type Sample } from "../histology/dataset/batches.ts";
import type { Dataset } from "../histology/dataset/dataset.ts";
import { RECORD_BYTES } from "../histology/dataset/record.ts";
import { RandomStream } from "../util/random.ts";
import { augmentationOf, type Recipe } from "./recipes.ts";

const CLASSES = 2;
/** The numbers of a matrix [2, 3] that moves a patch, and of one [3, 4] that recolours it. */
const MOVE_NUMBERS = 6;
const COLOUR_NUMBERS = 12;

/** The changes of the images that an augmentation asks of the training step. */
export function imageChanges(augment: Recipe["augment"]): ImageChanges {
  const { move, jitterStrength } = augmentationOf(augment);
  return { move: move !== undefined, recolour: jitterStrength !== undefined };
}

/** How much an error on each class counts, [no IDC, IDC]: the largest class's count over the class's own, or 1. */
export function classWeightsOf(dataset: Dataset, rule: Recipe["classWeights"]): [number, number] {
  const { benign, idc } = dataset.description.counts.train;
  const largest = Math.max(benign, idc);
  return rule === "none" ? [1, 1] : [largest / benign, largest / idc];
}

export interface TrainingDataOptions extends Pick<Recipe, "batchSize" | "augment" | "sampling" | "labelSmoothing"> {
  readonly dataset: Dataset;
  readonly classWeights: readonly [number, number];
  readonly seed: number;
}

/** The batches of an epoch from batch `first` on (both count from 0), each made when it is asked for. */
export function* trainingBatches(
  options: TrainingDataOptions,
  indices: Uint32Array,
  epoch: number,
  first = 0,
): Generator<BatchData> {
  const { dataset, sampling, seed, batchSize } = options;
  const samples = epochSamples(dataset.rows, indices, { sampling, seed, epoch });
  for (const batch of epochBatches(samples, batchSize, { seed, epoch }).slice(first)) {
    yield readBatch(options, batch, epoch);
  }
}

function readBatch(options: TrainingDataOptions, batch: readonly Sample[], epoch: number): BatchData {
  const { dataset, classWeights, seed, labelSmoothing } = options;
  const { move, jitterStrength } = augmentationOf(options.augment);
  const ranges = move?.quarterTurns ? TURNING_RANGES : TUTORIAL_RANGES;
  const images = new Uint8Array(batch.length * RECORD_BYTES);
  const targets = new Float32Array(batch.length * CLASSES).fill(labelSmoothing / CLASSES);
  const weights = new Float32Array(batch.length);
  const moves = new Float32Array(move ? batch.length * MOVE_NUMBERS : 0);
  const colours = new Float32Array(jitterStrength ? batch.length * COLOUR_NUMBERS : 0);
  batch.forEach(({ index, repeat }, place) => {
    dataset.read(index, images, place * RECORD_BYTES);
    const { label } = dataset.rows[index]!;
    targets[place * CLASSES + label]! += 1 - labelSmoothing;
    weights[place] = classWeights[label];
    if (!move && !jitterStrength) return;
    // Each showing of a patch has its own stream in each epoch, so that its draws do not depend on where in the order it stands.
    const random = new RandomStream(seed, "augment", epoch, index, ...(repeat > 0 ? [repeat] : []));
    if (move) moves.set(moveMatrix(drawMove(random, ranges)), place * MOVE_NUMBERS);
    if (jitterStrength) colours.set(jitterMatrix(drawJitter(random, jitterStrength)), place * COLOUR_NUMBERS);
  });
  return { images, targets, weights, ...(move ? { moves } : {}), ...(jitterStrength ? { colours } : {}) };
}
