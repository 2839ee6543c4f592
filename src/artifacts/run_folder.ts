/**
 * A run folder: the files of one training. Also locates a model by the name of a run, a file or a model in the package.
 */
import { basename, join, resolve } from "node:path";
import * as z from "zod";
import { BUNDLED_MODELS } from "../options/bundled_models.ts";
import { kindOf, readText, writeFileAtomically } from "../system/files.ts";
import { resolveFrom } from "../system/paths.ts";
import { UserError } from "../util/errors.ts";
import { checked, type Expected, parseJson, type Schema } from "../util/json.ts";
import { bundledModelPath } from "./bundled_models.ts";
import type { ModelPlace } from "./open_model.ts";
import { RUN_FILES } from "./run_files.ts";

const RUN_FORMAT = 1;

/** The parts of run.json that every later command needs. The file also contains more, for people and for --resume. */
export const runSchema = z.object({
  format: z.literal(RUN_FORMAT),
  /**
   * The dataset's folder relative to the run's, so that both can be moved together; absolute in runs of earlier
   * versions.
   */
  dataset: z.object({ folder: z.string(), sha256: z.object({ manifest: z.string(), patches: z.string() }) }),
});

export type RunDescription = z.output<typeof runSchema>;

/**
 * Writes run.json.
 * @param facts all facts that determine the training, and its result once there is one
 */
export async function writeRun(folder: string, facts: Record<string, unknown>): Promise<void> {
  await writeFileAtomically(
    join(folder, RUN_FILES.description),
    `${JSON.stringify({ format: RUN_FORMAT, ...facts }, null, 2)}\n`,
  );
}

/** A trained model that the user named: a run folder, a model file, or a model in the package. */
export interface ModelLocation extends ModelPlace {
  /** The name in reports: that of a model in the package, or the last part of the path of the run or file. */
  readonly name: string;
  /** The model's run; absent unless the user named a run folder. */
  readonly run?: { readonly folder: string; readonly description: RunDescription };
}

/**
 * Locates the model of a run folder, a model file, or a model in the package. A package model's name takes precedence
 * over a path; "./idc" is always a path.
 * @throws UserError if there is no model.
 */
export async function locateModel(name: string): Promise<ModelLocation> {
  const bundled = bundledModelPath(name);
  if (bundled !== undefined) return { name, place: name, modelPath: bundled };
  const kind = await kindOf(name);
  if (kind === "nothing") {
    throw new UserError(
      "model-missing",
      `There is no model at ${name}: give a run folder, a model.onnx that "cancernet train" wrote, or the name of a model that comes with ` +
        `cancernet (${Object.keys(BUNDLED_MODELS).join(", ")}).`,
    );
  }
  if (kind === "file") return { name: basename(name), place: name, modelPath: name };
  const description = await readRun(name, runSchema);
  const modelPath = join(name, RUN_FILES.best);
  if ((await kindOf(modelPath)) !== "file") {
    throw new UserError(
      "run-unfinished",
      `The run ${name} has no ${RUN_FILES.best} yet, since its first epoch was not finished: go on with "cancernet train --resume".`,
    );
  }
  return { name: basename(resolve(name)), place: modelPath, modelPath, run: { folder: name, description } };
}

/**
 * Reads the parts of a run's description that the schema contains.
 * @throws UserError if the folder is not a run, or its description does not match the schema.
 */
export async function readRun<T>(folder: string, schema: Schema<T>): Promise<T> {
  const path = join(folder, RUN_FILES.description);
  if ((await kindOf(path)) !== "file") {
    throw new UserError(
      "run-missing",
      `${folder} is not a run folder (it has no ${RUN_FILES.description}): give a folder that "cancernet train" wrote.`,
    );
  }
  const expected: Expected = {
    code: "run-damaged",
    place: path,
    what: "a run's description",
    remedy: "restore it or train again",
  };
  return checked(schema, parseJson(await readText(path, "the run's description"), expected), expected);
}

/**
 * The given dataset, or otherwise the dataset of the model's run.
 * @throws UserError if there is neither.
 */
export function datasetFolder(
  { dataset, model }: { readonly dataset?: string | undefined; readonly model: string },
  { run }: ModelLocation,
): string {
  if (dataset !== undefined) return dataset;
  if (run) return resolveFrom(run.folder, run.description.dataset.folder);
  throw new UserError("option-missing", `${model} does not know its dataset: name one with --dataset.`);
}
