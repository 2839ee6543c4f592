/** A run to go on with: its settings as run.json keeps them, and whether what is given with --resume agrees with them. */
import { resolve } from "node:path";
import { z } from "zod";
import { readRun, runSchema } from "../../artifacts/run_folder.ts";
import { VERSIONS } from "../../artifacts/versions.ts";
import { ENGINE_NAMES } from "../../engine/engine_names.ts";
import type { EngineChoice } from "../../engine/engines.ts";
import { INPUT_SIDE_PIXELS, MODEL_NAMES } from "../../engine/models/table.ts";
import { DEVICE_NAMES } from "../../engine/runtime/devices.ts";
import type { Dataset } from "../../histology/dataset/dataset.ts";
import { withNamedAugmentation } from "../../options/training/augmentations.ts";
import { requireNoRemovedSetting } from "../../options/training/earlier.ts";
import { type CheckedTrainOptions, type Settings, trainOptions } from "../../options/training/options.ts";
import { RECIPE_NAMES } from "../../options/training/recipes.ts";
import { trainingSettings } from "../../options/training/settings.ts";
import { resolveFrom } from "../../system/paths.ts";
import type { Reporter } from "../../util/reporter.ts";
import type { DeviceChoice } from "../device/choice.ts";
import { requireAgreement, requireSameDataset } from "./resume_rules.ts";

const { shape } = trainOptions;

const writtenSchema = runSchema.extend({ options: z.record(z.string(), z.unknown()) });

/** What run.json must hold for a run to go on. */
const resumableSchema = runSchema.extend({
  software: z.record(z.string(), z.string()),
  model: z.enum(MODEL_NAMES),
  recipe: z.enum(RECIPE_NAMES),
  options: z.preprocess(
    withNamedAugmentation,
    trainingSettings.extend({
      seed: shape.seed.unwrap(),
      threads: shape.threads.unwrap(),
      checkpointEvery: shape.checkpointEvery.unwrap(),
      threshold: shape.threshold.unwrap(),
      plot: shape.plot,
      inputSize: shape.inputSize,
    }),
  ),
  engine: z.enum(ENGINE_NAMES),
  reason: z.string(),
  device: z.enum(DEVICE_NAMES),
  device_reason: z.string(),
});

/** A run as it was begun, with what may change and was given again. */
export interface ResumedRun {
  readonly settings: Settings;
  readonly device: DeviceChoice;
  readonly engine: EngineChoice;
  readonly datasetFolder: string;
  /** Where the history was drawn until now: that file is the run's own. */
  readonly plotSoFar: string | undefined;
  /** @throws UserError if a dataset is not the one that the run was begun with. */
  requireSameDataset(dataset: Dataset): void;
}

/** @throws UserError if the folder is no run, or an option that was given does not agree with it. */
export async function readResumedRun(
  folder: string,
  given: CheckedTrainOptions,
  reporter: Reporter,
): Promise<ResumedRun> {
  const begun = { what: `the run ${folder}`, restart: "train again with --out" };
  requireNoRemovedSetting((await readRun(folder, writtenSchema)).options, begun);
  const run = await readRun(folder, resumableSchema);
  const { threads, checkpointEvery, threshold, plot, seed, inputSize = INPUT_SIDE_PIXELS, ...recipe } = run.options;
  const { model, device, engine } = run;
  const fixed = { ...recipe, recipe: run.recipe, model, inputSize, device, engine, seed, threshold };
  requireAgreement(given, fixed, { ...begun, mayRise: ["epochs"] });
  for (const [name, version] of Object.entries(VERSIONS)) {
    if (run.software[name] === version) continue;
    reporter.warn(
      `The run was begun with ${name} ${run.software[name]}, and goes on with ${version}: digits may differ.`,
    );
  }
  return {
    settings: {
      modelName: model,
      inputSize,
      recipeName: run.recipe,
      recipe: { ...recipe, epochs: given.epochs ?? recipe.epochs },
      seed,
      threads: given.threads ?? threads,
      checkpointEvery: given.checkpointEvery ?? checkpointEvery,
      threshold,
      plot: given.plot === undefined ? plot && resolveFrom(folder, plot) : resolve(given.plot),
    },
    plotSoFar: plot && resolveFrom(folder, plot),
    device: { device, reason: run.device_reason },
    engine: { engine, reason: run.reason },
    datasetFolder: given.dataset ?? resolveFrom(folder, run.dataset.folder),
    requireSameDataset: (dataset) => requireSameDataset(dataset, run.dataset.sha256, begun),
  };
}
