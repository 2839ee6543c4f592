/** Our contenders in the short benchmarks: the same computations as the peers', on random patches in memory. */

import { modelFile } from "../src/artifacts/model_file.ts";
import { modelFileOf, openModelFile } from "../src/artifacts/open_model.ts";
import type { EngineName } from "../src/engine/engine_names.ts";
import { openEngine } from "../src/engine/engines.ts";
import { MODELS } from "../src/engine/models/table.ts";
import { initialize } from "../src/engine/nn/initialize.ts";
import type { DeviceName } from "../src/engine/runtime/devices.ts";
import type { Batch, StepOptions } from "../src/engine/training/step.ts";
import { RandomStream } from "../src/system/random.ts";
import type { Contender } from "./interleave.ts";

const MODEL = MODELS.cancernet;
const SIDE_PIXELS = 48;
/** What the card of a model says, if it was not trained. */
const FACTS = { dataset_sha256: "0".repeat(64), epoch: 1, seed: 1, recipe: "default" };
const PATCH_BYTES = SIDE_PIXELS * SIDE_PIXELS * 3;

interface Options {
  readonly batch: number;
  readonly threads: number;
  /** The CPU by default. */
  readonly device?: DeviceName;
}

/** Our name in a row. A GPU has one engine only. */
const nameOn = (device: DeviceName | undefined, engine?: EngineName): string =>
  ["cancernet", ...(device ? [`--device ${device}`] : engine ? [`${engine} engine`] : [])].join(", ");

async function measured(steps: number, batch: number, step: (index: number) => Promise<unknown>) {
  const start = performance.now();
  for (let index = 0; index < steps; index++) await step(index);
  return { seconds: (performance.now() - start) / 1000, patches: steps * batch };
}

export const STEP_OPTIONS: StepOptions = {
  model: MODEL,
  imageSize: [SIDE_PIXELS, SIDE_PIXELS],
  optimizer: "adagrad",
  weightDecay: 0,
  dropout: true,
  move: false,
  recolour: false,
};

/** Random patches with labels and class weights. */
export function randomBatch(size: number): Omit<Batch, "step"> {
  const random = new RandomStream(42, "bench");
  const labels = Array.from({ length: size }, () => random.integer(2));
  return {
    images: random.bytes(size * PATCH_BYTES),
    targets: Float32Array.from(labels.flatMap((label) => [1 - label, label])),
    weights: Float32Array.from(labels, (label) => (label === 1 ? 2.52 : 1)),
    randomBytes: (length) => random.bytes(length),
    learningRate: 0.01,
  };
}

/**
 * Forward pass with dropout, weighted loss, backward pass, and the tutorial's Adagrad. The loss is read after every
 * step.
 */
export async function startTrainingStep(name: EngineName, { batch: size, ...session }: Options): Promise<Contender> {
  const engine = openEngine(name, STEP_OPTIONS, initialize(MODEL, 42), session);
  const batch = randomBatch(size);
  const step = (index: number) => engine.step({ ...batch, step: index });
  return {
    name: nameOn(session.device, name),
    run: (steps) => measured(steps, size, step),
    close: () => engine.close(),
  };
}

/** Predicts the probabilities of patches, which are given as bytes. */
export async function startPrediction({ batch, ...session }: Options): Promise<Contender> {
  const file = modelFileOf(modelFile({ model: MODEL, arrays: initialize(MODEL, 42) }, FACTS), "the benchmark's model");
  const { classifier } = await openModelFile(file, session, SIDE_PIXELS);
  const patches = new RandomStream(42, "bench").bytes(batch * PATCH_BYTES);
  const read = (first: number, count: number, into: Uint8Array) =>
    into.set(patches.subarray(first * PATCH_BYTES, (first + count) * PATCH_BYTES));
  const step = () => classifier.classify(batch, read);
  return {
    name: nameOn(session.device),
    run: (steps) => measured(steps, batch, step),
    close: () => classifier.close(),
  };
}
