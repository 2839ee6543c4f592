/**
 * One fold as a unit: creates its dataset, its training and its evaluation in a folder whose bytes do not depend on
 * where the folder lies, or on which process fills it. finished_fold.ts reads what was finished.
 */
import { rename, rm } from "node:fs/promises";
import { join, posix, resolve } from "node:path";
import { type FoldPlaces, placesIn } from "../../artifacts/crossvalidation_folder.ts";
import { RUN_FILES } from "../../artifacts/run_files.ts";
import type { Dataset } from "../../histology/dataset/dataset.ts";
import { manifestSha256, writeFold } from "../../histology/dataset/folds.ts";
import type { FixedSettings } from "../../options/training/settings.ts";
import { kindOf } from "../../system/files.ts";
import type { HeldLock } from "../../system/folder_lock.ts";
import { resolveFrom } from "../../system/paths.ts";
import { SOFTWARE } from "../../system/version.ts";
import { lockAttempt, takeOver } from "../../units/attempt_lock.ts";
import type { OpenUnit } from "../../units/work.ts";
import type { Context } from "../../util/context.ts";
import { completeRun, type FreeSettings } from "../complete_run.ts";
import { type FinishedFold, readFinishedFold } from "./finished_fold.ts";

/** A fold to train and evaluate. */
export interface FoldWork {
  /** The whole dataset, with the fold's split. */
  readonly fold: Dataset;
  /** The folder of the results, and the path of the fold's folder in it, with "/". */
  readonly results: string;
  readonly name: string;
  /** The path of the dataset from the folder of the results on, as its description gives it. */
  readonly datasetFrom: string;
  /** The settings of the training. The fold's files name them. */
  readonly settings: FixedSettings;
  /** Settings of this process, on which no byte depends, instead of those in `settings`. */
  readonly free?: Partial<FreeSettings> | undefined;
}

/**
 * Opens a fold as a unit. It is done if its folder holds the dataset, the finished run and the evaluation that belong
 * to these settings and to this dataset, by their hashes.
 * @throws UserError if the fold's folder holds something else.
 */
export async function openFold(work: FoldWork, context: Context): Promise<OpenUnit<FinishedFold>> {
  const { fold, results, name, settings } = work;
  const { sha256 } = fold.description;
  const isThere = (await kindOf(join(results, name))) !== "nothing";
  const manifest = isThere ? manifestSha256(fold.rows) : undefined;
  const wanted = { settings, patches: sha256.patches, manifest };
  const done = await readFinishedFold(join(results, name), wanted, context.signal);
  let lock: HeldLock | undefined;
  return {
    done,
    async fill(place, earlier) {
      lock = lockAttempt(place);
      const places = placesIn(resolve(place));
      await takeOver(earlier, (left) => takeRun(left, places));
      await fillFold(work, places, context);
      return (await readFinishedFold(place, { ...wanted, manifest: undefined }, context.signal))!;
    },
    close: async () => lock?.close(),
  };
}

/** Takes over the run of an interrupted attempt. Its dataset is written anew. */
async function takeRun(left: string, { run }: FoldPlaces): Promise<boolean> {
  const found = placesIn(left).run;
  if ((await kindOf(join(found, RUN_FILES.description))) === "nothing") return false;
  await rename(found, run);
  await rm(left, { recursive: true, force: true });
  return true;
}

/**
 * Fills the folder of a fold. A run that is there already goes on from its last checkpoint.
 * @throws UserError like `train` and `evaluate`.
 */
async function fillFold(work: FoldWork, places: FoldPlaces, context: Context): Promise<void> {
  const { fold, datasetFrom, name, settings, free } = work;
  const { dataset, run } = places;
  const upwards = posix.join(...name.split("/").map(() => ".."), "..");
  await writeFold(fold, dataset, SOFTWARE, context.signal, resolveFrom(upwards, datasetFrom).replaceAll("\\", "/"));
  context.signal.throwIfAborted();
  await completeRun({ dataset, run, settings, free }, context);
}
