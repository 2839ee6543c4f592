/** The small interface of a training step: all that the loop, the recipes and the commands know of an engine. */
import type { Fill } from "../nn/fill.ts";
import type { ModelDescription } from "../nn/model.ts";
import type { OptimizerName } from "./optimizers.ts";

/** Which of the inputs that change an image a step takes. */
export interface ImageChanges {
  /** Move each image by its own matrix [2, 3] (see nn/input.ts). */
  readonly move: boolean;
  /** What lies around an image that is moved; the nearest pixel if not given. */
  readonly fill?: Fill;
  /** Recolour each image by its own matrix [3, 4]. */
  readonly recolour: boolean;
}

/** All that fixes what a step computes, but for the batch. */
export interface StepOptions extends ImageChanges {
  readonly model: ModelDescription;
  /** Height and width of the images that come in, in pixels. */
  readonly imageSize: readonly [number, number];
  readonly optimizer: OptimizerName;
  readonly weightDecay: number;
  /** Off only for comparisons with other implementations. */
  readonly dropout: boolean;
}

/** What one step works on: n images and what is to be done with them. */
export interface Batch {
  /** uint8 RGB, [n, height, width, 3]. */
  readonly images: Uint8Array;
  /** [n, classes]: the probability that each class should get; rows add up to 1. */
  readonly targets: Float32Array;
  /** [n]: how much each image's loss counts. */
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
