/**
 * One training and its evaluation as a unit: an ordinary run in a folder whose bytes do not depend on where the folder
 * lies, or on which process fills it.
 */
import { readdir, rename, rm, rmdir } from "node:fs/promises";
import { join, resolve } from "node:path";
import * as z from "zod";
import { type Evaluation, reportSchema } from "../../artifacts/evaluation.ts";
import { EVALUATION_FILES, ownEvaluation, readEvaluation } from "../../artifacts/evaluation_folder.ts";
import { RUN_FILES } from "../../artifacts/run_files.ts";
import { locateModel, readRun } from "../../artifacts/run_folder.ts";
import type { Dataset } from "../../histology/dataset/dataset.ts";
import { type FixedSettings, FREE } from "../../options/training/settings.ts";
import { kindOf, sha256OfFile } from "../../system/files.ts";
import type { HeldLock } from "../../system/folder_lock.ts";
import { resolveFrom } from "../../system/paths.ts";
import { lockAttempt, takeOver } from "../../units/attempt_lock.ts";
import type { OpenUnit } from "../../units/work.ts";
import type { Context } from "../../util/context.ts";
import { UserError } from "../../util/errors.ts";
import { silent } from "../../util/reporter.ts";
import { completeRun, type FreeSettings } from "../complete_run.ts";
import { readResumedRun } from "../training/resume.ts";

const evaluationSchema = reportSchema.extend({ model_sha256: z.string() });

export type RunEvaluation = Evaluation<z.output<typeof evaluationSchema>>;

/** A training to do. */
export interface RunWork {
  readonly dataset: Pick<Dataset, "folder" | "description">;
  /** The folder of the results, and the name of the run's folder in it. */
  readonly results: string;
  readonly name: string;
  /** The path of the dataset from the folder of the results on, as its description gives it. */
  readonly datasetFrom: string;
  readonly settings: FixedSettings;
  /** Settings of this process, on which no byte depends, instead of those in `settings`. */
  readonly free?: Partial<FreeSettings> | undefined;
}

/** Opens a training as a unit. It is done if its folder holds the finished run and its evaluation on the test split. */
export async function openRun(work: RunWork, context: Context): Promise<OpenUnit<RunEvaluation>> {
  const { results, name } = work;
  const wanted = { settings: work.settings, sha256: work.dataset.description.sha256 };
  let lock: HeldLock | undefined;
  return {
    done: await readFinishedRun(join(results, name), wanted, context.signal),
    async fill(place, earlier) {
      lock = lockAttempt(place);
      // The run has its final name already while it is filled, since its evaluation names it.
      const run = join(resolve(place), name);
      await takeOver(earlier, (left) => takeRun(left, name, run));
      const { dataset, datasetFrom, settings, free } = work;
      const fromRun = resolveFrom("..", datasetFrom).replaceAll("\\", "/");
      await completeRun({ dataset: resolve(dataset.folder), run, settings, free, datasetFrom: fromRun }, context);
      await moveUp(run, place);
      return (await readFinishedRun(place, wanted, context.signal))!;
    },
    close: async () => lock?.close(),
  };
}

/** Takes over the run of an interrupted attempt. */
async function takeRun(left: string, name: string, run: string): Promise<boolean> {
  const found = join(left, name);
  if ((await kindOf(join(found, RUN_FILES.description))) === "nothing") return false;
  await rename(found, run);
  await rm(left, { recursive: true, force: true });
  return true;
}

/** Moves the files of a run to the folder above. Its description goes first: without it nobody takes the rest over. */
async function moveUp(run: string, place: string): Promise<void> {
  const names = await readdir(run);
  const first = RUN_FILES.description;
  for (const name of [first, ...names.filter((one) => one !== first)]) await rename(join(run, name), join(place, name));
  await rmdir(run);
}

/** What a run must have been made from. */
export interface RunOrigin {
  readonly settings: FixedSettings;
  readonly sha256: Dataset["description"]["sha256"];
}

/**
 * The evaluation of a finished run on its test split.
 * @returns undefined if there is no folder, or an empty one
 * @throws UserError if the folder holds anything but this run, complete and undamaged.
 */
export async function readFinishedRun(
  place: string,
  { settings, sha256 }: RunOrigin,
  signal: AbortSignal,
): Promise<RunEvaluation | undefined> {
  const isThere = (await kindOf(place)) === "folder" && (await readdir(place)).length > 0;
  if (!isThere && (await kindOf(place)) !== "file") return undefined;
  const own = await readResumedRun(place, { summary: false, overwrite: false }, silent);
  const names = Object.keys(settings) as (keyof FixedSettings)[];
  const other = names.find((name) => !(name in FREE) && own.settings[name] !== settings[name]);
  if (other !== undefined) throw foreign(place, `its ${other} is ${own.settings[other]}`);
  const { status, dataset } = await readRun(place, runSchema);
  if (status !== "finished") throw foreign(place, `its training is ${status}`);
  if (dataset.sha256.manifest !== sha256.manifest || dataset.sha256.patches !== sha256.patches)
    throw foreign(place, "its dataset is another one");
  if ((await kindOf(join(place, ownEvaluation("test"), EVALUATION_FILES.report))) !== "file")
    throw foreign(place, "it has no evaluation on the test split");
  const evaluation = await readEvaluation(place, "test", evaluationSchema, signal);
  if (evaluation.report.dataset.sha256 !== sha256.manifest)
    throw foreign(place, "its evaluation is of another dataset");
  const { modelPath } = await locateModel(place);
  if (evaluation.report.model_sha256 !== (await sha256OfFile(modelPath)))
    throw foreign(place, "its evaluation is of another model");
  return evaluation;
}

const runSchema = z.object({
  status: z.string(),
  dataset: z.object({ sha256: z.object({ manifest: z.string(), patches: z.string() }) }),
});

function foreign(place: string, why: string): UserError {
  return new UserError(
    "output-mismatch",
    `${place} is not a finished row of this sweep (${why}): remove this folder, and give the same command again.`,
  );
}
