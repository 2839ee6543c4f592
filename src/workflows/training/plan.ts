/** All that is fixed before a training's first step, and what follows from it alone: the engine, the schedule, run.json. */
import { join } from "node:path";
import type { TrainingFacts } from "../../artifacts/checkpoint.ts";
import { RUN_FILES } from "../../artifacts/run_files.ts";
import { VERSIONS } from "../../artifacts/versions.ts";
import { chooseEngine, devicesOf, type EngineChoice, openEngine, requireMemory } from "../../engine/engines.ts";
import { modelFor } from "../../engine/models/table.ts";
import { initialize } from "../../engine/nn/initialize.ts";
import type { Arrays, ModelDescription } from "../../engine/nn/model.ts";
import type { DeviceName } from "../../engine/runtime/devices.ts";
import { SCHEDULES } from "../../engine/training/schedules.ts";
import type { TrainingEngine } from "../../engine/training/step.ts";
import type { Dataset } from "../../histology/dataset/dataset.ts";
import { imageChanges } from "../../options/training/augmentations.ts";
import { notedInputSize, type Settings, type wantedOf } from "../../options/training/options.ts";
import { pathFrom } from "../../system/paths.ts";
import { RandomStream } from "../../system/random.ts";
import { batchSizes } from "../../util/batch_sizes.ts";
import type { Context } from "../../util/context.ts";
import { RESEARCH_USE_NOTICE } from "../../util/notice.ts";
import { chooseDevice, type DeviceChoice, type Trial } from "../device/choice.ts";
import { classWeightsOf, trainingBatches } from "./batches.ts";

export interface TrainingPlan extends Settings {
  readonly folder: string;
  readonly dataset: Dataset;
  readonly device: DeviceChoice;
  readonly engine: EngineChoice;
}

export const modelOf = ({ modelName, inputSize }: Pick<Settings, "modelName" | "inputSize">): ModelDescription =>
  modelFor(modelName, inputSize);

export const plotPathOf = ({ plot, folder }: TrainingPlan): string => plot ?? join(folder, RUN_FILES.plot);

export const plotTitle = ({ modelName, recipeName }: Settings): string => `${modelName}, ${recipeName} recipe`;

/** What fixes the result, but for the epochs, which may be raised. */
export function factsOf(plan: TrainingPlan): TrainingFacts {
  const { modelName, recipeName, recipe, seed, engine, device, dataset } = plan;
  const { epochs: _, ...settings } = recipe;
  return {
    model: modelName,
    ...notedInputSize(plan),
    recipe: recipeName,
    ...settings,
    seed,
    engine: engine.engine,
    device: device.device,
    dataset: dataset.description.sha256.manifest,
  };
}

/** Everything that fixes the result, and why, for run.json. */
export function describeRun(plan: TrainingPlan): Record<string, unknown> {
  const { modelName, recipeName, recipe, seed, threads, checkpointEvery, threshold, plot } = plan;
  const { folder, dataset, device, engine } = plan;
  const { sha256, counts } = dataset.description;
  return {
    software: VERSIONS,
    model: modelName,
    recipe: recipeName,
    options: {
      ...recipe,
      ...notedInputSize(plan),
      seed,
      threads,
      checkpointEvery,
      threshold,
      plot: plot && pathFrom(folder, plot),
    },
    ...engine,
    device: device.device,
    device_reason: device.reason,
    class_weights: classWeightsOf(dataset, recipe.classWeights),
    dataset: { folder: pathFrom(folder, dataset.folder), sha256, counts },
    notice: RESEARCH_USE_NOTICE,
  };
}

/** Steps of an epoch, and the learning rate of a step of the training. */
export function courseOf({ recipe, dataset }: TrainingPlan) {
  const patches = dataset.description.counts.train.patches;
  const stepsPerEpoch = batchSizes(patches, recipe.batchSize).length;
  const totalSteps = stepsPerEpoch * recipe.epochs;
  const learningRate = (step: number) => SCHEDULES[recipe.schedule]({ ...recipe, step, stepsPerEpoch, totalSteps });
  return { stepsPerEpoch, learningRate };
}

type EnginePlan = Pick<TrainingPlan, "modelName" | "inputSize" | "recipe" | "threads" | "engine" | "dataset">;

export function startEngine(plan: EnginePlan, device: DeviceName, arrays: Arrays): TrainingEngine {
  const { recipe, threads, engine, dataset } = plan;
  const options = {
    model: modelOf(plan),
    imageSize: [dataset.side, dataset.side],
    optimizer: recipe.optimizer,
    weightDecay: recipe.weightDecay,
    dropout: true,
    ...imageChanges(recipe),
  } as const;
  return openEngine(engine.engine, options, arrays, { threads, device });
}

/** Steps of this training on a device, to time it: its first batch again and again. */
export function trialOf(plan: EnginePlan & Pick<TrainingPlan, "seed">, device: DeviceName): Trial {
  const { dataset, recipe, seed } = plan;
  const engine = startEngine(plan, device, initialize(modelOf(plan), seed));
  const classWeights = classWeightsOf(dataset, recipe.classWeights);
  const batches = trainingBatches({ ...recipe, dataset, classWeights, seed }, dataset.indicesOf("train"), 0);
  const batch = batches.next().value!;
  const random = new RandomStream(seed, "trial");
  const randomBytes = (length: number) => random.bytes(length);
  return {
    run: () => engine.step({ ...batch, randomBytes, learningRate: recipe.learningRate, step: 0 }),
    close: () => engine.close(),
  };
}

/**
 * The device and the engine; what excludes the two asked for is refused first.
 * @throws UserError if they do not go together, the device does not start, or the engine has not the memory for a batch.
 */
export async function chooseWhatRuns(
  draft: Omit<TrainingPlan, "device" | "engine">,
  { device: wanted, engine }: ReturnType<typeof wantedOf>,
  { reporter, signal }: Context,
): Promise<Pick<TrainingPlan, "device" | "engine">> {
  const engineOn = (device: DeviceName) => chooseEngine(modelOf(draft), engine, device);
  if (wanted !== "auto") engineOn(wanted);
  const open = async (device: DeviceName) => trialOf({ ...draft, engine: engineOn(device) }, device);
  const choice = await chooseDevice({ wanted, among: devicesOf(engine), open, signal });
  if (wanted === "auto") reporter.event({ event: "device", ...choice });
  const chosen = engineOn(choice.device);
  const [images] = batchSizes(draft.dataset.description.counts.train.patches, draft.recipe.batchSize);
  requireMemory(chosen.engine, modelOf(draft), { images: images!, threads: draft.threads });
  return { device: choice, engine: chosen };
}
