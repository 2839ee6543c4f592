/** One epoch of training: batches in, the mean loss and accuracy out. It reads no files and draws no pictures. */
import { RandomStream } from "../../system/random.ts";
import type { Arrays } from "../nn/model.ts";
import type { ScheduleContext } from "./schedules.ts";
import type { Batch, TrainingEngine } from "./step.ts";

/** A batch as the data gives it; the loop adds what depends on the step. */
export type BatchData = Omit<Batch, "randomBytes" | "learningRate" | "step">;

/** Where an epoch stands between two steps, and what was summed up in it. Plain numbers, so that they can be saved. */
export interface EpochPosition {
  /** Steps taken in this epoch. */
  readonly steps: number;
  /** Images seen in them. */
  readonly images: number;
  /** Sum over the images of weight * cross-entropy. */
  readonly lossSum: number;
  /** Images whose most probable class was the right one. */
  readonly hits: number;
}

export const EPOCH_START: EpochPosition = { steps: 0, images: 0, lossSum: 0, hits: 0 };

export interface EpochOptions {
  readonly engine: TrainingEngine;
  /** Where the epoch stands already; its start unless given. */
  readonly position?: EpochPosition;
  /** The batches from the position on, fetched one by one. */
  readonly batches: Iterable<BatchData>;
  /** Steps taken in the epochs before. */
  readonly firstStep: number;
  /** The learning rate of a step. */
  readonly learningRate: (step: ScheduleContext["step"]) => number;
  /** Seed of dropout. */
  readonly seed: number;
  readonly signal: AbortSignal;
  /** Called after every step, and waited for before the next one. */
  readonly onStep: (position: EpochPosition) => unknown;
}

export interface EpochResult {
  /** Mean over the images of weight * cross-entropy, each before its step. */
  readonly loss: number;
  /** Share of images whose most probable class is the right one, likewise. */
  readonly accuracy: number;
}

/** The training went out of hand: the loss or an array is no longer finite. */
export class DivergenceError extends Error {
  override readonly name = "DivergenceError";

  /** `step` counts from 0. */
  constructor(what: string, step: number, learningRate: number) {
    super(`${what} in step ${step + 1}, at learning rate ${learningRate}`);
  }
}

/** What the sums of a position amount to. */
export function epochResult({ images, lossSum, hits }: EpochPosition): EpochResult {
  return { loss: lossSum / images, accuracy: hits / images };
}

/**
 * Trains one epoch, or what is left of it after the position.
 * @throws DivergenceError if the loss is not finite; the signal's reason if it is aborted, after the step at hand.
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
    // The next batch is read while this one is worked on; should reading fail, that is the error to report.
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

/** @throws DivergenceError that names an array with a number that is not finite, found after the step (from 0). */
export function requireFinite(arrays: Arrays, step: number, learningRate: number): void {
  for (const [name, array] of arrays) {
    const bad = array.find((value) => !Number.isFinite(value));
    if (bad !== undefined) throw new DivergenceError(`${name} came to hold ${bad}`, step, learningRate);
  }
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
