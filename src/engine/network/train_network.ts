/**
 * Trains a network on a caller's own images of any size, with any number of channels and classes. It uses no dataset
 * and no files.
 */

import { UserError } from "../../util/errors.ts";
import { counted } from "../../util/numbers.ts";
import type { EngineName } from "../engine_names.ts";
import { chooseEngine, openEngine } from "../engines.ts";
import { initialize } from "../nn/initialize.ts";
import { classesOf, debiasStatistics, type ModelDescription } from "../nn/model.ts";
import type { DeviceName } from "../runtime/devices.ts";
import { DivergenceError, type EpochResult, requireFinite, trainEpoch } from "../training/loop.ts";
import { OPTIMIZER_NAMES, type OptimizerName } from "../training/optimizers.ts";
import { SCHEDULE_NAMES, SCHEDULES, type ScheduleName } from "../training/schedules.ts";
import type { TrainingEngine } from "../training/step.ts";
import { TUTORIAL_TRAINING } from "../training/tutorial.ts";
import {
  type BatchFormat,
  type BatchSource,
  batchDataOf,
  batchSourceOf,
  type LabelledImages,
  requireWhole,
} from "./data.ts";
import { TrainedNetwork } from "./trained_network.ts";

/**
 * The options of a training, with their defaults in brackets. The defaults are the tutorial's: Adagrad at 0.01 with
 * inverse decay, batches of 32, 40 epochs.
 */
export interface NetworkTrainingOptions {
  /** How often each image is used. [40] */
  readonly epochs?: number;
  /** The largest number of images per step, if the data are arrays. [32] */
  readonly batchSize?: number;
  /** [adagrad] */
  readonly optimizer?: OptimizerName;
  /** The learning rate at the start of the schedule, or at its peak for one-cycle. [0.01] */
  readonly learningRate?: number;
  /** How the learning rate changes from step to step. [inverse-decay] */
  readonly schedule?: ScheduleName;
  /** [0] */
  readonly weightDecay?: number;
  /** [classes]: the weight of the loss for images of each class. [1 each] */
  readonly classWeights?: readonly number[];
  /** Seed of the weights, the order and dropout. The same seed gives the same arrays. [42] */
  readonly seed?: number;
  /** Height and width of the images in pixels. The network scales them to its own size. [the network's] */
  readonly imageSize?: readonly [height: number, width: number];
  /** [1] */
  readonly threads?: number;
  /** What runs the step. "auto" is the fastest engine that runs the network. [auto] */
  readonly engine?: EngineName | "auto";
  /** [cpu] */
  readonly device?: DeviceName;
  /** Stops the training between two steps. The signal's reason is then thrown. */
  readonly signal?: AbortSignal;
  /** Called after every epoch (counted from 1) and awaited. */
  readonly onEpoch?: (epoch: number, result: EpochResult) => unknown;
}

/** A trained network, and the history of its training. */
export interface NetworkTraining {
  readonly network: TrainedNetwork;
  /** Loss and accuracy per epoch. Each image is measured before the step that uses it. */
  readonly history: readonly EpochResult[];
  readonly engine: EngineName;
}

const DEFAULTS = {
  ...TUTORIAL_TRAINING,
  seed: 42,
  threads: 1,
  engine: "auto",
  device: "cpu",
} as const;

type Settings = typeof DEFAULTS & NetworkTrainingOptions;

/**
 * Trains a network, such as one from `buildCancerNet`, from random weights. The loss is the mean over the images of
 * class weight * categorical cross-entropy. The cross-entropy is -ln(probability of the image's class), with the
 * softmax over the classes as probabilities.
 * @throws UserError if an option or the data do not fit the network, or if the training diverges; the signal's reason
 *   if it is aborted.
 */
export async function trainNetwork(
  model: ModelDescription,
  data: LabelledImages | BatchSource,
  options: NetworkTrainingOptions = {},
): Promise<NetworkTraining> {
  const settled = { ...DEFAULTS, ...given(options) } as Settings;
  const format = formatOf(model, settled);
  requireSettings(settled);
  const source = batchSourceOf(data, format, settled);
  const { optimizer, weightDecay, seed, threads, device } = settled;
  const { engine } = chooseEngine(model, settled.engine, device);
  const step = {
    model,
    imageSize: format.imageSize,
    optimizer,
    weightDecay,
    dropout: true,
    move: false,
    recolour: false,
  };
  const opened = openEngine(engine, step, initialize(model, seed), { threads, device });
  try {
    const history = await trainEpochs(opened, { source, format, settled });
    const steps = settled.epochs * source.batchesPerEpoch;
    const arrays = await opened.state();
    requireFinite(arrays, steps - 1, settled.learningRate);
    const names = initialize(model, seed).keys();
    const debiased = debiasStatistics(model, arrays, steps);
    const own = new Map(names.map((name) => [name, debiased.get(name)!]));
    return { network: new TrainedNetwork(model, own, { threads, device }), history, engine };
  } catch (error) {
    if (!(error instanceof DivergenceError)) throw error;
    throw new UserError(
      "training-diverged",
      `The training diverged: ${error.message}; use a smaller learningRate, such as a tenth of it.`,
    );
  } finally {
    await opened.close();
  }
}

const given = (options: NetworkTrainingOptions): NetworkTrainingOptions =>
  Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));

function formatOf(model: ModelDescription, { imageSize, classWeights }: Settings): BatchFormat {
  const classes = classesOf(model);
  const [, height, width] = model.inputShape;
  const weights = classWeights ?? new Array<number>(classes).fill(1);
  if (weights.length !== classes || !weights.every((weight) => weight >= 0 && Number.isFinite(weight))) {
    throw new UserError(
      "option-invalid",
      `classWeights is [${weights.join(", ")}]: expected ${counted(classes, "number")} from 0 on, one per class.`,
    );
  }
  const size = imageSize ?? [height, width];
  for (const side of size) requireWhole("A side of imageSize", side, 1);
  return { model, imageSize: size, classWeights: weights };
}

function requireSettings({ epochs, batchSize, seed, threads, learningRate, weightDecay, ...names }: Settings): void {
  requireWhole("epochs", epochs, 1);
  requireWhole("batchSize", batchSize, 2);
  requireWhole("seed", seed, 0);
  requireWhole("threads", threads, 1);
  if (!(learningRate > 0 && Number.isFinite(learningRate))) {
    throw new UserError("option-invalid", `learningRate is ${learningRate}: expected a number above 0.`);
  }
  if (!(weightDecay >= 0 && Number.isFinite(weightDecay))) {
    throw new UserError("option-invalid", `weightDecay is ${weightDecay}: expected a number from 0 on.`);
  }
  requireOneOf("optimizer", names.optimizer, OPTIMIZER_NAMES);
  requireOneOf("schedule", names.schedule, SCHEDULE_NAMES);
}

function requireOneOf(name: string, value: string, names: readonly string[]): void {
  if (names.includes(value)) return;
  throw new UserError("option-invalid", `${name} is "${value}": expected one of ${names.join(", ")}.`);
}

async function trainEpochs(
  engine: TrainingEngine,
  { source, format, settled }: { source: BatchSource; format: BatchFormat; settled: Settings },
): Promise<EpochResult[]> {
  const { epochs, schedule, seed, signal = new AbortController().signal, onEpoch } = settled;
  const stepsPerEpoch = source.batchesPerEpoch;
  const totalSteps = epochs * stepsPerEpoch;
  const history: EpochResult[] = [];
  for (let epoch = 0; epoch < epochs; epoch++) {
    signal.throwIfAborted();
    const result = await trainEpoch({
      engine,
      batches: countedBatches(source, format, epoch),
      firstStep: epoch * stepsPerEpoch,
      learningRate: (step) => SCHEDULES[schedule]({ ...settled, step, stepsPerEpoch, totalSteps }),
      seed,
      signal,
      onStep: () => {},
    });
    history.push(result);
    await onEpoch?.(epoch + 1, result);
  }
  return history;
}

/**
 * The batches of an epoch. Their number must be batchesPerEpoch, because the schedule depends on it.
 * @throws UserError if the number differs.
 */
function* countedBatches(source: BatchSource, format: BatchFormat, epoch: number) {
  const { batchesPerEpoch } = source;
  let count = 0;
  for (const batch of source.batches(epoch)) {
    if (++count > batchesPerEpoch) break;
    yield batchDataOf(batch, format);
  }
  if (count === batchesPerEpoch) return;
  throw new UserError(
    "data-mismatch",
    `Epoch ${epoch + 1} has ${count > batchesPerEpoch ? "more batches than" : `${count} batches instead of`} the ` +
      `${batchesPerEpoch} of batchesPerEpoch: give as many as that says.`,
  );
}
