/** One epoch of training: takes batches, returns the mean loss and accuracy. It reads no files and draws no charts. */
import { RandomStream } from "../../system/random.ts";
import type { Arrays } from "../nn/model.ts";
import type { ScheduleContext } from "./schedules.ts";
import type { Batch, TrainingEngine } from "./step.ts";

/** A batch from the data. The loop adds what depends on the step. */
export type BatchData = Omit<Batch, "randomBytes" | "learningRate" | "step">;

/**
 * The position in an epoch between two steps, and the sums so far. It consists of plain numbers, so that it can be
 * saved.
 */
export interface EpochPosition {
  /** Steps taken in this epoch. */
  readonly steps: number;
  /** Images in these steps. */
  readonly images: number;
  /** Sum over the images of weight * cross-entropy. */
  readonly lossSum: number;
  /** Images whose most probable class was correct. */
  readonly hits: number;
}

export const EPOCH_START: EpochPosition = { steps: 0, images: 0, lossSum: 0, hits: 0 };

export interface EpochOptions {
  readonly engine: TrainingEngine;
  /** The position from which to resume the epoch; its start by default. */
  readonly position?: EpochPosition;
  /** The batches after the position, fetched one by one. */
  readonly batches: Iterable<BatchData>;
  /** Steps in the epochs before. */
  readonly firstStep: number;
  /** The learning rate of a step, counted from 0 in the whole training. */
  readonly learningRate: (step: ScheduleContext["step"]) => number;
  /** Seed for dropout. */
  readonly seed: number;
  readonly signal: AbortSignal;
  /** Called after every step, and awaited before the next one. */
  readonly onStep: (position: EpochPosition) => unknown;
}

export interface EpochResult {
  /** Mean over the images of weight * cross-entropy. Each image is measured before the step that uses it. */
  readonly loss: number;
  /** Fraction of images whose most probable class is correct, measured in the same way. */
  readonly accuracy: number;
}

/** The training diverged: the loss or an array is no longer finite. */
export class DivergenceError extends Error {
  override readonly name = "DivergenceError";

  /** @param step counts from 0 */
  constructor(what: string, step: number, learningRate: number) {
    super(`${what} in step ${step + 1}, at learning rate ${learningRate}`);
  }
}

/** The mean loss and the accuracy at a position. */
export function epochResult({ images, lossSum, hits }: EpochPosition): EpochResult {
  return { loss: lossSum / images, accuracy: hits / images };
}

/**
 * Trains one epoch, or the rest of it after the position.
 * @throws DivergenceError if the loss is not finite; the signal's reason if it is aborted, after the current step.
 */
export async function trainEpoch(options: EpochOptions): Promise<EpochResult> {
  let position = options.position ?? EPOCH_START;
  const batches = options.batches[Symbol.iterator]();
  for (let next = batches.next(); !next.done; ) {
    options.signal.throwIfAborted();
    const batch = next.value;
    const step = options.firstStep + position.steps;
    const learningRate = options.learningRate(step);
    const random = new RandomStream(options.seed, "dropout", step);
    const randomBytes = (length: number) => random.bytes(length);
    const running = options.engine.step({ ...batch, randomBytes, learningRate, step });
    // The next batch is read while the engine works on this one. If reading fails, that error is thrown; an error of
    // the engine must then not become an unhandled rejection.
    running.catch(() => {});
    next = batches.next();
    const { loss, probabilities } = await running;
    if (!Number.isFinite(loss)) throw new DivergenceError(`the loss became ${loss}`, step, learningRate);
    const size = batch.weights.length;
    position = {
      steps: position.steps + 1,
      images: position.images + size,
      lossSum: position.lossSum + loss * size,
      hits: position.hits + countHits(probabilities, batch.targets, size),
    };
    await options.onStep(position);
  }
  return epochResult(position);
}

/** @throws DivergenceError that names an array with a number that is not finite. `step` counts from 0. */
export function requireFinite(arrays: Arrays, step: number, learningRate: number): void {
  for (const [name, array] of arrays) {
    const bad = array.find((value) => !Number.isFinite(value));
    if (bad !== undefined) throw new DivergenceError(`${name} came to hold ${bad}`, step, learningRate);
  }
}

/** The number of rows whose largest value is in the same column as the target's. */
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
