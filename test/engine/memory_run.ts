/**
 * Trains in a process of its own and prints what memory it took, as JSON: the steps of memory.slow.test.ts.
 * Run with --expose-gc: node --expose-gc memory_run.ts '{"engine": ..., ...}', see Run.
 */
import { setImmediate } from "node:timers/promises";
import type { EngineName } from "../../src/engine/engine_names.ts";
import { openEngine } from "../../src/engine/engines.ts";
import { initialize } from "../../src/engine/nn/initialize.ts";
import type { ModelDescription } from "../../src/engine/nn/model.ts";
import type { BatchData } from "../../src/engine/training/loop.ts";
import { openDataset } from "../../src/histology/dataset/dataset.ts";
import { RECORD_BYTES, RECORD_SIZE_PIXELS } from "../../src/histology/dataset/record.ts";
import { AUGMENTATIONS } from "../../src/options/training/augmentations.ts";
import { RECIPES } from "../../src/options/training/recipes.ts";
import { RandomStream } from "../../src/system/random.ts";
import { trainingBatches } from "../../src/workflows/training/batches.ts";
import { model as cancernet } from "./golden_images.ts";

const CLASSES = 2;

/** A block and an output: each step's every kind of work, in a hundredth of the time. */
const small: ModelDescription = {
  name: "small",
  source: "the tests",
  inputShape: [3, 24, 24],
  layers: [
    { kind: "separableConvolution", name: "conv1", filters: 8, kernelSize: 3 },
    { kind: "relu" },
    { kind: "batchNormalization", name: "norm1", momentum: 0.9, epsilon: 1e-3 },
    { kind: "maxPool", size: 2 },
    { kind: "dropout", name: "dropout1", rate: 0.25 },
    { kind: "flatten" },
    { kind: "dense", name: "dense1", units: CLASSES },
  ],
};

/** What to train. */
export interface Run {
  readonly engine: EngineName;
  readonly batchSize: number;
  readonly warmUpSteps: number;
  readonly steps: number;
  /** A dataset's folder, on which CancerNet is trained; without one, a small model on noise. */
  readonly folder?: string;
}

/** Megabytes at one moment; `held` is what JavaScript's objects, buffers and what hangs on them hold after a collection. */
export interface Memory {
  readonly resident: number;
  readonly held: number;
}

/** What was found. */
export interface Finding {
  readonly warm: Memory;
  readonly end: Memory;
  readonly peakResident: number;
  readonly loss: number;
}

const SEED = 42;
const MEGABYTE = 1e6;

async function memory(): Promise<Memory> {
  // What hangs on an object is given back by a task after the collection that finds the object unused.
  for (let round = 0; round < 3; round++) {
    (globalThis as unknown as { gc: () => void }).gc();
    await setImmediate();
  }
  const { rss, heapUsed, external } = process.memoryUsage();
  // `external` holds the array buffers too.
  return { resident: rss / MEGABYTE, held: (heapUsed + external) / MEGABYTE };
}

function* noise(batchSize: number): Generator<BatchData> {
  const random = new RandomStream(SEED, "noise");
  for (;;) {
    const targets = new Float32Array(batchSize * CLASSES);
    for (let place = 0; place < batchSize; place++) targets[place * CLASSES + random.integer(CLASSES)] = 1;
    const images = random.bytes(batchSize * RECORD_BYTES);
    yield { images, targets, weights: new Float32Array(batchSize).fill(1) };
  }
}

async function packed(folder: string, batchSize: number): Promise<Iterable<BatchData>> {
  const dataset = await openDataset(folder);
  const { augment } = RECIPES.default;
  const options = {
    ...RECIPES.default,
    ...AUGMENTATIONS[augment],
    dataset,
    batchSize,
    classWeights: [1, 1],
    seed: SEED,
  } as const;
  return trainingBatches(options, dataset.indicesOf("train"), 0);
}

async function measure({ engine: name, batchSize, warmUpSteps, steps, folder }: Run): Promise<Finding> {
  const [changed, model] = folder === undefined ? [false, small] : [true, cancernet];
  const options = {
    model,
    imageSize: [RECORD_SIZE_PIXELS, RECORD_SIZE_PIXELS],
    optimizer: "adamw",
    weightDecay: 0.01,
    dropout: true,
    move: changed,
    recolour: changed,
  } as const;
  const engine = openEngine(name, options, initialize(model, SEED), { threads: 2 });
  const batches = folder === undefined ? noise(batchSize) : await packed(folder, batchSize);
  let warm: Memory | undefined;
  let [step, loss] = [0, Number.NaN];
  for (const batch of batches) {
    if (step === warmUpSteps) warm = await memory();
    if (step === warmUpSteps + steps) break;
    const dropout = new RandomStream(SEED, "dropout", step);
    const randomBytes = (length: number) => dropout.bytes(length);
    loss = (await engine.step({ ...batch, randomBytes, learningRate: 1e-3, step: step++ })).loss;
  }
  const end = await memory();
  await engine.close();
  return { warm: warm!, end, peakResident: (process.resourceUsage().maxRSS * 1024) / MEGABYTE, loss };
}

console.log(JSON.stringify(await measure(JSON.parse(process.argv[2]!) as Run)));
