/**
 * Reads the settings of a run from run.json to resume it, and checks that the options given with --resume agree with
 * them.
 */
import { resolve } from "node:path";
import * as z from "zod";
import { readRun, runSchema } from "../../artifacts/run_folder.ts";
import { VERSIONS } from "../../artifacts/versions.ts";
import type { Dataset } from "../../histology/dataset/dataset.ts";
import type { CheckedTrainOptions } from "../../options/training/options.ts";
import { fixedSettings } from "../../options/training/settings.ts";
import { completeSettings, requireKnownSettings } from "../../options/training/stored_settings.ts";
import { resolveFrom } from "../../system/paths.ts";
import type { Reporter } from "../../util/reporter.ts";
import type { TrainingPlan } from "./plan.ts";
import { goOnWith, requireSameDataset } from "./resume_rules.ts";

const writtenSchema = runSchema.extend({ options: z.looseObject({ plot: z.string().optional() }) });

const apart = { model: true, recipe: true, device: true, engine: true } as const;

/** The fields that run.json needs for a run to be resumed. */
const resumableSchema = writtenSchema.extend({
  software: z.record(z.string(), z.string()),
  ...fixedSettings.pick(apart).shape,
  options: z.preprocess(completeSettings, fixedSettings.omit(apart)),
  reason: z.string(),
  device_reason: z.string(),
});

/** A run with its original settings, updated with new options that may change. */
export interface ResumedRun extends Pick<TrainingPlan, "settings" | "reasons" | "plot"> {
  readonly datasetFolder: string;
  /** The path of the plot until now; that file belongs to the run. */
  readonly plotSoFar: string | undefined;
  /** @throws UserError if the dataset is not the run's original dataset. */
  requireSameDataset(dataset: Pick<Dataset, "folder" | "description">): void;
}

/** @throws UserError if the folder is not a run, or if a given option does not agree with it. */
export async function readResumedRun(
  folder: string,
  given: CheckedTrainOptions,
  reporter: Reporter,
): Promise<ResumedRun> {
  const begun = { what: `the run ${folder}`, restart: "train again with --out" };
  const { plot, ...written } = (await readRun(folder, writtenSchema)).options;
  requireKnownSettings(written, begun);
  const run = await readRun(folder, resumableSchema);
  const { model, recipe, device, engine, options } = run;
  const settings = goOnWith({ model, recipe, ...options, device, engine }, given, { ...begun, mayRise: ["epochs"] });
  for (const [name, version] of Object.entries(VERSIONS)) {
    if (run.software[name] === version) continue;
    reporter.warn(
      `The run was started with ${name} ${run.software[name]}, and goes on with ${version}: digits may differ.`,
    );
  }
  const plotSoFar = plot && resolveFrom(folder, plot);
  return {
    settings,
    reasons: { device: run.device_reason, engine: run.reason },
    plot: given.plot === undefined ? plotSoFar : resolve(given.plot),
    plotSoFar,
    datasetFolder: given.dataset ?? resolveFrom(folder, run.dataset.folder),
    requireSameDataset: (dataset) => requireSameDataset(dataset, run.dataset.sha256, begun),
  };
}
