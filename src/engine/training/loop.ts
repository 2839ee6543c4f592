/** One epoch of training: batches in, the mean loss and accuracy out. It reads no files and draws no pictures. */
import { RandomStream } from "../../util/random.ts";
import type { ScheduleContext } from "./schedules.ts";
import type { Batch, TrainingEngine } from "./step.ts";

/** A batch as the data gives it; the loop adds what depends on the step. */
export type BatchData = Omit<Batch, "randomBytes" | "learningRate" | "step">;

export interface EpochOptions {
  readonly engine: TrainingEngine;
  /** Fetched one by one, each while the step before it runs. */
  readonly batches: Iterable<BatchData>;
  /** Steps taken in the epochs before. */
  readonly firstStep: number;
  /** The learning rate of a step. */
  readonly learningRate: (step: ScheduleContext["step"]) => number;
  /** Seed of dropout. */
  readonly seed: number;
  readonly signal: AbortSignal;
  /** Told after every step; the numbers are those of the epoch so far. */
  readonly onStep: (progress: EpochResult & { images: number; learningRate: number }) => unknown;
}

export interface EpochResult {
  /** Mean over the images of weight * cross-entropy, each before its step. */
  readonly loss: number;
  /** Share of images whose most probable class is the right one, likewise. */
  readonly accuracy: number;
}

/** The training went out of hand: the loss is no longer a number. */
export class DivergenceError extends Error {
  override readonly name = "DivergenceError";
  readonly step: number;
  readonly learningRate: number;

  constructor(step: number, learningRate: number, loss: number) {
    super(`the loss became ${loss} in step ${step + 1}, at learning rate ${learningRate}`);
    this.step = step;
    this.learningRate = learningRate;
  }
}

/**
 * Trains one epoch.
 * @throws DivergenceError where the loss is not finite; the signal's reason where it is aborted, after the step at hand.
 */
export async function trainEpoch(options: EpochOptions): Promise<EpochResult> {
  let step = options.firstStep;
  let [images, lossSum, hits] = [0, 0, 0];
  const batches = options.batches[Symbol.iterator]();
  for (let next = batches.next(); !next.done; ) {
    options.signal.throwIfAborted();
    const batch = next.value;
    const learningRate = options.learningRate(step);
    const random = new RandomStream(options.seed, "dropout", step);
    const randomBytes = (length: number) => random.bytes(length);
    const running = options.engine.step({ ...batch, randomBytes, learningRate, step });
    // The next batch is read while this one is worked on; should reading fail, that is the error to tell.
    running.catch(() => {});
    next = batches.next();
    const { loss, probabilities } = await running;
    if (!Number.isFinite(loss)) throw new DivergenceError(step, learningRate, loss);
    const size = batch.weights.length;
    images += size;
    lossSum += loss * size;
    hits += countHits(probabilities, batch.targets, size);
    step++;
    options.onStep({ loss: lossSum / images, accuracy: hits / images, images, learningRate });
  }
  return { loss: lossSum / images, accuracy: hits / images };
}

/** How many rows have their largest value in the same column as the target's. */
function countHits(probabilities: Float32Array, targets: Float32Array, rows: number): number {
  const classes = targets.length / rows;
  let hits = 0;
  for (let row = 0; row < rows; row++) {
    const own = probabilities.subarray(row * classes, (row + 1) * classes);
    const target = targets.subarray(row * classes, (row + 1) * classes);
    if (own.indexOf(Math.max(...own)) === target.indexOf(Math.max(...target))) hits++;
  }
  return hits;
}
