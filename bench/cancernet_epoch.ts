/** Our contenders in the long benchmarks: an epoch of a run, the first epoch including prepare, and prepare alone. */
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { chooseEngine, openEngine } from "../src/engine/engines.ts";
import { FusedEngine } from "../src/engine/fused/fused_engine.ts";
import { Profile } from "../src/engine/fused/profile.ts";
import { MODELS } from "../src/engine/models/table.ts";
import { initialize } from "../src/engine/nn/initialize.ts";
import { trainEpoch } from "../src/engine/training/loop.ts";
import { SCHEDULES } from "../src/engine/training/schedules.ts";
import { type Dataset, openDataset } from "../src/histology/dataset/dataset.ts";
import { RECORD_SIZE_PIXELS } from "../src/histology/dataset/record.ts";
import { AUGMENTATIONS, imageChanges } from "../src/options/training/augmentations.ts";
import { RECIPES } from "../src/options/training/recipes.ts";
import { batchSizes } from "../src/util/batch_sizes.ts";
import { classWeightsOf, trainingBatches } from "../src/workflows/training/batches.ts";
import { coreUseOf, coreUseText } from "./core_use.ts";
import { type Material, prepareInto } from "./fixtures.ts";
import type { Contender } from "./interleave.ts";

const MODEL = MODELS.cancernet;
const RECIPE = { ...AUGMENTATIONS[RECIPES.tutorial.augment], ...RECIPES.tutorial };
const SEED = 42;
const WARM_UP_PATCHES = 512;

/** One epoch of `cancernet train --recipe tutorial` without validation, on every patch of the dataset. */
export async function startEpoch(material: Material, threads: number): Promise<Contender> {
  const dataset = await openDataset(material.dataset);
  const trainer = openTrainer(dataset, threads);
  await trainer.epoch(trainer.indices.subarray(0, WARM_UP_PATCHES));
  return {
    name: trainer.name,
    run: (epochs) =>
      timed(async () => {
        for (let index = 0; index < epochs; index++) await trainer.epoch(trainer.indices);
        return epochs * trainer.indices.length;
      }),
    remark: () => remarkOnCores(dataset, threads),
    async close() {
      await trainer.close();
      dataset.close();
    },
  };
}

/** Trains one more epoch with the engine's profile on, and says how it used the cores. */
async function remarkOnCores(dataset: Dataset, threads: number): Promise<string> {
  const profile = new Profile(() => performance.now());
  const trainer = openTrainer(dataset, threads, profile);
  const waited = () => profile.entries().find(({ name }) => name === "wait")?.milliseconds ?? 0;
  try {
    await trainer.epoch(trainer.indices.subarray(0, WARM_UP_PATCHES));
    const before = waited();
    const use = await coreUseOf(() => trainer.epoch(trainer.indices));
    return coreUseText(use, (waited() - before) / 1000);
  } finally {
    await trainer.close();
  }
}

/** Prepares the PNG files, opens the dataset, starts the engine and trains the first epoch. */
export async function startFirstEpoch(material: Material, threads: number): Promise<Contender> {
  const out = join(material.results, "first-epoch");
  return {
    name: "cancernet prepare, then train",
    async run(times) {
      let seconds = 0;
      let patches = 0;
      for (let index = 0; index < times; index++) {
        await rm(out, { recursive: true, force: true });
        const turn = await timed(() => prepareAndTrain(material.files, out, threads));
        seconds += turn.seconds;
        patches += turn.patches;
      }
      return { seconds, patches };
    },
    async close() {},
  };
}

async function prepareAndTrain(source: string, out: string, threads: number): Promise<number> {
  await prepareInto(source, out);
  const dataset = await openDataset(out);
  const trainer = openTrainer(dataset, threads);
  try {
    await trainer.epoch(trainer.indices);
    return trainer.indices.length;
  } finally {
    await trainer.close();
    dataset.close();
  }
}

/** Runs `cancernet prepare` on an archive. */
export async function startPrepare(archive: string, results: string): Promise<Contender> {
  const out = join(results, "prepare");
  return {
    name: "cancernet prepare",
    async run() {
      await rm(out, { recursive: true, force: true });
      return timed(() => prepareInto(archive, out));
    },
    async close() {},
  };
}

/**
 * Sets up a training like workflows/training/run.ts. Each epoch can use any rows of the dataset.
 * @param profile collects the times of the fused engine's first worker
 */
function openTrainer(dataset: Dataset, threads: number, profile?: Profile) {
  const choice = chooseEngine(MODEL, "auto");
  const options = {
    model: MODEL,
    imageSize: [RECORD_SIZE_PIXELS, RECORD_SIZE_PIXELS],
    optimizer: RECIPE.optimizer,
    weightDecay: RECIPE.weightDecay,
    dropout: true,
    ...imageChanges(RECIPE),
  } as const;
  const arrays = initialize(MODEL, SEED);
  const engine = profile
    ? new FusedEngine(options, arrays, { threads }, profile)
    : openEngine(choice.engine, options, arrays, { threads });
  const classWeights = classWeightsOf(dataset, RECIPE.classWeights);
  const { signal } = new AbortController();
  let [epochs, steps] = [0, 0];
  return {
    name: `cancernet, ${choice.engine} engine`,
    indices: Uint32Array.from(dataset.rows.keys()),
    async epoch(indices: Uint32Array): Promise<void> {
      const stepsPerEpoch = batchSizes(indices.length, RECIPE.batchSize).length;
      const totalSteps = stepsPerEpoch * RECIPE.epochs;
      await trainEpoch({
        engine,
        batches: trainingBatches({ ...RECIPE, dataset, classWeights, seed: SEED }, indices, epochs++),
        firstStep: steps,
        learningRate: (step) => SCHEDULES[RECIPE.schedule]({ ...RECIPE, step, stepsPerEpoch, totalSteps }),
        seed: SEED,
        signal,
        onStep: () => {},
      });
      steps += stepsPerEpoch;
    },
    close: () => engine.close(),
  };
}

async function timed(work: () => Promise<number>) {
  const start = performance.now();
  const patches = await work();
  return { seconds: (performance.now() - start) / 1000, patches };
}
