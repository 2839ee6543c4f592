/**
 * Everything that is fixed before a training's first step, and what follows from it: the engine, the learning-rate
 * schedule, run.json.
 */
import { join } from "node:path";
import type { TrainingFacts } from "../../artifacts/checkpoint.ts";
import { RUN_FILES } from "../../artifacts/run_files.ts";
import { VERSIONS } from "../../artifacts/versions.ts";
import { chooseEngine, devicesOf, openEngine, requireMemory } from "../../engine/engines.ts";
import { modelFor } from "../../engine/models/table.ts";
import { initialize } from "../../engine/nn/initialize.ts";
import type { Arrays, ModelDescription } from "../../engine/nn/model.ts";
import type { DeviceName } from "../../engine/runtime/devices.ts";
import { SCHEDULES } from "../../engine/training/schedules.ts";
import type { TrainingEngine } from "../../engine/training/step.ts";
import type { Dataset } from "../../histology/dataset/dataset.ts";
import { imageChanges } from "../../options/training/augmentations.ts";
import { type FixedSettings, stepSettings, type TrainingSettings } from "../../options/training/settings.ts";
import { storedSettings } from "../../options/training/stored_settings.ts";
import { pathFrom } from "../../system/paths.ts";
import { RandomStream } from "../../system/random.ts";
import { batchSizes } from "../../util/batch_sizes.ts";
import type { Context } from "../../util/context.ts";
import { RESEARCH_USE_NOTICE } from "../../util/notice.ts";
import { chooseDevice, type Trial } from "../device/choice.ts";
import { classWeightsOf, trainingBatches } from "./batches.ts";

/** The requested settings of a training, and its paths. */
export interface TrainingDraft {
  readonly settings: TrainingSettings;
  readonly folder: string;
  readonly dataset: Dataset;
  /** The path of the plot, if it is not in the run's folder. */
  readonly plot?: string | undefined;
}

/** A draft with the chosen device and engine, and the reasons for them. */
export interface TrainingPlan extends TrainingDraft {
  readonly settings: FixedSettings;
  readonly reasons: { readonly device: string; readonly engine: string };
}

export const modelOf = ({ model, inputSize }: Pick<TrainingSettings, "model" | "inputSize">): ModelDescription =>
  modelFor(model, inputSize);

export const plotPathOf = ({ plot, folder }: TrainingDraft): string => plot ?? join(folder, RUN_FILES.plot);

export const plotTitle = ({ settings: { model, recipe } }: TrainingDraft): string => `${model}, ${recipe} recipe`;

/** The settings that determine every step. */
export const factsOf = ({ settings, dataset }: TrainingPlan): TrainingFacts => ({
  ...storedSettings(stepSettings.parse(settings)),
  dataset: dataset.description.sha256.manifest,
});

/** The content of run.json: everything that determines the result, and the reasons for the choices. */
export function describeRun({ settings, reasons, folder, dataset, plot }: TrainingPlan): Record<string, unknown> {
  const { model, recipe, device, engine, ...options } = settings;
  const { sha256, counts } = dataset.description;
  return {
    software: VERSIONS,
    model,
    recipe,
    options: { ...storedSettings(options), plot: plot && pathFrom(folder, plot) },
    engine,
    reason: reasons.engine,
    device,
    device_reason: reasons.device,
    class_weights: classWeightsOf(dataset, settings.classWeights),
    dataset: { folder: pathFrom(folder, dataset.folder), sha256, counts },
    notice: RESEARCH_USE_NOTICE,
  };
}

/** The number of steps per epoch, and the learning rate as a function of the step (counted over the whole training). */
export function courseOf({ settings, dataset }: TrainingPlan) {
  const patches = dataset.description.counts.train.patches;
  const stepsPerEpoch = batchSizes(patches, settings.batchSize).length;
  const totalSteps = stepsPerEpoch * settings.epochs;
  const learningRate = (step: number) => SCHEDULES[settings.schedule]({ ...settings, step, stepsPerEpoch, totalSteps });
  return { stepsPerEpoch, learningRate };
}

type EnginePlan = Pick<TrainingPlan, "settings" | "dataset">;

export function startEngine({ settings, dataset }: EnginePlan, arrays: Arrays): TrainingEngine {
  const { optimizer, weightDecay, threads, device, engine } = settings;
  const options = {
    model: modelOf(settings),
    imageSize: [dataset.side, dataset.side],
    optimizer,
    weightDecay,
    dropout: true,
    ...imageChanges(settings),
  } as const;
  return openEngine(engine, options, arrays, { threads, device });
}

/** A training step for timing, always with the first batch. */
export function trialOf({ settings, dataset }: EnginePlan): Trial {
  const { seed, learningRate } = settings;
  const engine = startEngine({ settings, dataset }, initialize(modelOf(settings), seed));
  const classWeights = classWeightsOf(dataset, settings.classWeights);
  const batches = trainingBatches({ ...settings, dataset, classWeights }, dataset.indicesOf("train"), 0);
  const batch = batches.next().value!;
  const random = new RandomStream(seed, "trial");
  const randomBytes = (length: number) => random.bytes(length);
  return {
    run: () => engine.step({ ...batch, randomBytes, learningRate, step: 0 }),
    close: () => engine.close(),
  };
}

/**
 * Chooses the device and the engine. First refuses a combination that is not possible.
 * @throws UserError if device and engine do not fit each other, the device does not start, or there is too little
 *   memory for a batch.
 */
export async function chooseWhatRuns(
  { settings, dataset }: TrainingDraft,
  { reporter, signal }: Context,
): Promise<Pick<TrainingPlan, "settings" | "reasons">> {
  const model = modelOf(settings);
  const wanted = settings.device;
  const engineOn = (device: DeviceName) => chooseEngine(model, settings.engine, device);
  const fixedOn = (device: DeviceName) => ({ ...settings, device, engine: engineOn(device).engine });
  if (wanted !== "auto") engineOn(wanted);
  const open = async (device: DeviceName) => trialOf({ settings: fixedOn(device), dataset });
  const choice = await chooseDevice({ wanted, among: devicesOf(settings.engine), open, signal });
  if (wanted === "auto") reporter.event({ event: "device", ...choice });
  const fixed = fixedOn(choice.device);
  const [images] = batchSizes(dataset.description.counts.train.patches, settings.batchSize);
  requireMemory(fixed.engine, model, { images: images!, threads: settings.threads });
  return { settings: fixed, reasons: { device: choice.reason, engine: engineOn(choice.device).reason } };
}
