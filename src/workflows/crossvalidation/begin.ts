/** Begins a cross-validation: fixes its folds and settings, and writes its description before any other file. */
import { join } from "node:path";
import type * as z from "zod";
import {
  beginDescription,
  CROSSVALIDATION_FILES,
  type CrossvalidationDescription,
  readDescription,
} from "../../artifacts/crossvalidation_folder.ts";
import { VERSIONS } from "../../artifacts/versions.ts";
import type { Dataset } from "../../histology/dataset/dataset.ts";
import { foldOf, foldsOf } from "../../histology/dataset/folds.ts";
import { flagOf } from "../../options/command_line.ts";
import { crossvalidateOptions, DEFAULT_FOLDS } from "../../options/crossvalidate.ts";
import { ENGINE_OPTIONS } from "../../options/engine.ts";
import { FREE, newSettings } from "../../options/training/settings.ts";
import { kindOf } from "../../system/files.ts";
import { createOutputFolder, requireFolder, requireFreeFolder } from "../../system/output_folder.ts";
import { pathFrom } from "../../system/paths.ts";
import type { Context } from "../../util/context.ts";
import { UserError } from "../../util/errors.ts";
import { RESEARCH_USE_NOTICE } from "../../util/notice.ts";
import { shownCommand } from "../shown_command.ts";
import { chooseWhatRuns } from "../training/plan.ts";
import { requireSameDataset } from "../training/resume_rules.ts";

export type CheckedCrossvalidateOptions = z.output<typeof crossvalidateOptions>;

type Checked = CheckedCrossvalidateOptions;

/**
 * Begins a cross-validation in a new folder. A shard or a queue may find the folder begun; then that description holds.
 * @throws UserError if the folder is not free, or holds a cross-validation that was begun with other options.
 */
export async function beginCrossvalidation(
  folder: string,
  dataset: Dataset,
  options: Checked,
  context: Context,
): Promise<CrossvalidationDescription> {
  await requireFolder(folder);
  const isShared = isSharedBy(options);
  if (!isShared || !(await hasBegun(folder))) await beginNew(folder, dataset, options, context);
  const description = await readDescription(folder);
  if (isShared) requireSameBeginning(folder, description, dataset, options);
  return description;
}

/** Whether other processes may do folds in the same folder. */
const isSharedBy = ({ shard, queue }: Checked): boolean => (shard ?? queue) !== undefined;

const hasBegun = async (folder: string): Promise<boolean> =>
  (await kindOf(join(folder, CROSSVALIDATION_FILES.description))) === "file";

/** Writes the description. If another shard does so at the same moment, that one holds. */
async function beginNew(folder: string, dataset: Dataset, options: Checked, context: Context): Promise<void> {
  try {
    await requireFreeFolder(folder, "--out", CROSSVALIDATION_FILES.lock);
    const description = await describe(dataset, folder, options, context);
    await createOutputFolder(folder, "--out", CROSSVALIDATION_FILES.lock);
    await beginDescription(folder, description);
  } catch (error) {
    if (!isSharedBy(options) || !(await hasBegun(folder))) throw error;
  }
}

/** Everything that is fixed before the first fold. If the device is "auto", it is chosen once for all folds. */
async function describe(
  dataset: Dataset,
  folder: string,
  options: Checked,
  context: Context,
): Promise<Omit<CrossvalidationDescription, "format">> {
  const wanted = newSettings(options, dataset.side);
  const folds = foldsOf(dataset, options.folds ?? DEFAULT_FOLDS, wanted.seed);
  const draft = { settings: wanted, folder, dataset: foldOf(dataset, folds, 0) };
  const { settings, reasons } = await chooseWhatRuns(draft, context);
  return {
    software: VERSIONS,
    command: commandOf(options),
    dataset: { folder: pathFrom(folder, dataset.folder), sha256: dataset.description.sha256 },
    seed: folds.seed,
    folds: folds.cases.map((cases) => [...cases]),
    options: settings,
    reason: reasons.engine,
    device_reason: reasons.device,
    notice: RESEARCH_USE_NOTICE,
  };
}

/** @throws UserError if another shard has begun the cross-validation with another dataset or other settings. */
function requireSameBeginning(
  folder: string,
  description: CrossvalidationDescription,
  dataset: Dataset,
  options: Checked,
): void {
  const remedy = "choose another folder with --out";
  requireSameDataset(dataset, description.dataset.sha256, { what: `the cross-validation ${folder}`, restart: remedy });
  const { folds = DEFAULT_FOLDS } = options;
  const wanted: Readonly<Record<string, unknown>> = { ...newSettings(options, dataset.side), folds };
  for (const [name, value] of Object.entries({ ...description.options, folds: description.folds.length })) {
    if (name in FREE || wanted[name] === value || wanted[name] === "auto") continue;
    throw new UserError(
      "run-mismatch",
      `${flagOf(name)} is ${wanted[name]}, but the cross-validation ${folder} was started with ${value}: give all shards the same options, or ${remedy}.`,
    );
  }
}

/** The command line for these options, without options that do not affect the results. */
function commandOf({ threads: _, checkpointEvery: __, folds = DEFAULT_FOLDS, ...options }: Checked): string {
  const shown = Object.fromEntries(Object.entries(options).filter(([name]) => !(name in ENGINE_OPTIONS)));
  return shownCommand("crossvalidate", crossvalidateOptions, { ...shown, folds });
}
