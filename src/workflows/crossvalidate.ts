/**
 * The command "crossvalidate": splits a dataset by case into folds, makes a run for each fold, and writes one report
 * over all folds. The folds are units: several processes can share them.
 */
import { join } from "node:path";
import {
  CROSSVALIDATION_FILES,
  type CrossvalidationDescription,
  readDescription,
} from "../artifacts/crossvalidation_folder.ts";
import { VERSIONS } from "../artifacts/versions.ts";
import { type Dataset, withDataset } from "../histology/dataset/dataset.ts";
import { checkedOptions } from "../options/checked_options.ts";
import { commandWords } from "../options/command_line.ts";
import { type CrossvalidateOptions, crossvalidateOptions } from "../options/crossvalidate.ts";
import type {
  CrossvalidationReport,
  CrossvalidationResult,
  CrossvalidationShard,
} from "../reports/crossvalidation/report.ts";
import { removeLeftovers } from "../system/leftovers.ts";
import { requireFolder } from "../system/output_folder.ts";
import { resolveFrom } from "../system/paths.ts";
import { gatherUnits, withWorkLock } from "../units/finish.ts";
import { folderResults } from "../units/folder_results.ts";
import { UNITS_FOLDER } from "../units/parts.ts";
import { QUEUE_WORKS_ON, requireEngine, runUnits } from "../units/run.ts";
import type { Context } from "../util/context.ts";
import { UserError } from "../util/errors.ts";
import { RESEARCH_USE_NOTICE } from "../util/notice.ts";
import { beginCrossvalidation, type CheckedCrossvalidateOptions as Checked } from "./crossvalidation/begin.ts";
import { describeFolds, foldDetailsOf } from "./crossvalidation/describe.ts";
import { gatherCrossvalidation } from "./crossvalidation/gather.ts";
import { crossvalidationWork } from "./crossvalidation/work.ts";
import { goOnWith, requireAgreement, requireSameDataset } from "./training/resume_rules.ts";

export type { CrossvalidationReport, CrossvalidationResult, CrossvalidationShard };

/** Options with which this process does all folds. */
type AllFolds = CrossvalidateOptions & { readonly shard?: undefined };

/**
 * Trains and evaluates a model for each fold of whole cases, and reports on all folds together. An interrupted
 * cross-validation continues with `resume` and gives the same bytes in the end. With `shard` only some folds are done,
 * and "gather" reports on all.
 * @throws UserError if the dataset, the folder or the cross-validation to resume is not usable, or if a training
 *   diverges.
 */
export async function crossvalidate(given: AllFolds, context: Context): Promise<CrossvalidationResult>;
export async function crossvalidate(
  given: CrossvalidateOptions,
  context: Context,
): Promise<CrossvalidationResult | CrossvalidationShard>;
export async function crossvalidate(
  given: CrossvalidateOptions,
  context: Context,
): Promise<CrossvalidationResult | CrossvalidationShard> {
  const options = checkedOptions(crossvalidateOptions, given);
  const place = options.resume ?? options.out;
  if (options.out !== undefined) await requireFolder(options.out);
  if (place !== undefined) await requireEngine(options, place);
  return options.resume === undefined ? begin(options, context) : goOn(options.resume, options, context);
}

async function begin(options: Checked, context: Context): Promise<CrossvalidationResult | CrossvalidationShard> {
  const { dataset: place, out: folder } = options;
  if (place === undefined)
    throw new UserError("option-missing", "<dataset> is required: name the folder of a prepared dataset.");
  if (folder === undefined)
    throw new UserError("option-missing", "--out is required: name a new folder for the cross-validation.");
  return withDataset(place, context.signal, async (dataset) => {
    const description = await beginCrossvalidation(folder, dataset, options, context);
    return finish({ folder, dataset, description }, options, context);
  });
}

async function goOn(
  folder: string,
  options: Checked,
  context: Context,
): Promise<CrossvalidationResult | CrossvalidationShard> {
  const description = await readDescription(folder);
  const begun = { what: `the cross-validation ${folder}`, restart: "start again with --out" };
  requireAgreement(options, { folds: description.folds.length }, begun);
  goOnWith(description.options, options, begun);
  return withDataset(options.dataset ?? resolveFrom(folder, description.dataset.folder), context.signal, (dataset) => {
    requireSameDataset(dataset, description.dataset.sha256, begun);
    return finish({ folder, dataset, description }, options, context);
  });
}

/** A cross-validation in progress. */
interface Begun {
  readonly folder: string;
  readonly dataset: Dataset;
  readonly description: CrossvalidationDescription;
}

/** Completes the folds of this process. Writes the report unless other shards are not done. */
async function finish(
  begun: Begun,
  options: Checked,
  context: Context,
): Promise<CrossvalidationResult | CrossvalidationShard> {
  const { folder, dataset, description } = begun;
  const { shard, queue, root = "." } = options;
  warnOfVersions(description, context);
  const described = await describeFolds(folder, description, { dataset: dataset.folder, root });
  if (queue !== undefined && foldDetailsOf(described, folder).dataset_path === undefined)
    throw new UserError(
      "options-conflict",
      `The dataset ${dataset.folder} lies outside ${root}: name a folder that holds it with --root.`,
    );
  try {
    if (shard !== undefined) {
      const folds = await doFolds(begun, options, context);
      return { folder, shard, folds, notice: RESEARCH_USE_NOTICE };
    }
    return await withWorkLock(folder, CROSSVALIDATION_FILES.lock, options, async () => {
      await doFolds(begun, options, context);
      const results = folderResults(folder);
      return gatherUnits(results, described, () => gatherCrossvalidation(results, described, context));
    });
  } catch (error) {
    if (context.signal.aborted) {
      const given = queue === undefined ? { shard } : { queue, root: options.root, results: options.results };
      const command = commandWords("crossvalidate", crossvalidateOptions, { resume: folder, ...given });
      const kept = queue === undefined ? "the last checkpoint of the current fold" : QUEUE_WORKS_ON;
      context.reporter.event({ event: "resumable", command, kept });
    }
    throw error;
  }
}

/** Does the folds of the shard, or all of them. Returns their names. @throws UserError if one fails. */
async function doFolds({ folder, dataset, description }: Begun, options: Checked, context: Context): Promise<string[]> {
  const { reporter } = context;
  for (const place of [folder, join(folder, UNITS_FOLDER)]) await removeLeftovers(place, (line) => reporter.warn(line));
  const threads = options.threads ?? description.options.threads;
  const { checkpointEvery = description.options.checkpointEvery } = options;
  const work = crossvalidationWork({ folder, description, dataset, free: { threads, checkpointEvery } });
  const folds: string[] = [];
  await runUnits(work, options, context, ({ name }, { done, cause }, number) => {
    if (cause !== undefined) throw cause;
    const { threshold, model } = done.evaluation.report;
    const kept = { epoch: model.epoch, threshold, positive: dataset.classNames[1] };
    reporter.event({ event: "fold", status: "done", number, of: work.units.length, ...kept });
    folds.push(name);
  });
  return folds;
}

function warnOfVersions({ software }: CrossvalidationDescription, { reporter }: Context): void {
  for (const [name, version] of Object.entries(VERSIONS)) {
    if (software[name] === version) continue;
    reporter.warn(
      `The cross-validation was started with ${name} ${software[name]}, and goes on with ${version}: digits may differ.`,
    );
  }
}
