/** The interface of a training step. The loop, the recipes and the commands use engines only through it. */
import type { Fill } from "../nn/fill.ts";
import type { ModelDescription } from "../nn/model.ts";
import type { OptimizerName } from "./optimizers.ts";

/** The image transformations that a step applies. */
export interface ImageChanges {
  /** Move each image by its own matrix [2, 3] (see nn/input.ts). */
  readonly move: boolean;
  /** The values around an image that is moved; the nearest pixel by default. */
  readonly fill?: Fill;
  /** Recolour each image by its own matrix [3, 4]. */
  readonly recolour: boolean;
}

/** Everything that determines what a step computes, except the batch. */
export interface StepOptions extends ImageChanges {
  readonly model: ModelDescription;
  /** Height and width of the input images, in pixels. */
  readonly imageSize: readonly [number, number];
  readonly optimizer: OptimizerName;
  readonly weightDecay: number;
  /** False only for comparisons with other implementations. */
  readonly dropout: boolean;
}

/** The input of one step: n images and how to use them. */
export interface Batch {
  /** uint8 RGB, [n, height, width, 3]. */
  readonly images: Uint8Array;
  /** [n, classes]: the target probability of each class; rows add up to 1. */
  readonly targets: Float32Array;
  /** [n]: the weight of each image's loss. */
  readonly weights: Float32Array;
  /** [n, 2, 3], if the step moves images. */
  readonly moves?: Float32Array;
  /** [n, 3, 4], if the step recolours images. */
  readonly colours?: Float32Array;
  /** A source of random bytes for dropout. */
  readonly randomBytes: (length: number) => Uint8Array;
  readonly learningRate: number;
  /** The number of steps taken before this one. */
  readonly step: number;
}

export interface StepResult {
  /** The mean over the batch of weight * cross-entropy. */
  readonly loss: number;
  /** [n, classes], before the update. Valid until the next step. */
  readonly probabilities: Float32Array;
}

/** Trains one model in memory, batch by batch; batches may have different sizes. */
export interface TrainingEngine {
  step(batch: Batch): Promise<StepResult>;
  /** A copy of every array: the model's by its name, the optimizer's as "<weight>/<state>". */
  state(): Promise<Map<string, Float32Array>>;
  close(): Promise<void>;
}
