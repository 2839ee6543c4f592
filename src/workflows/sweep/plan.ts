/** Fixes everything about a sweep before its first training: checks the rows, and chooses the device and the engines. */
import { readSweepTable, type SweepSetting } from "../../artifacts/sweep_table.ts";
import type { Dataset } from "../../histology/dataset/dataset.ts";
import { foldsOf } from "../../histology/dataset/folds.ts";
import { DEFAULT_SEEDS, sweepOptions } from "../../options/sweep.ts";
import { type FixedSettings, newSettings } from "../../options/training/settings.ts";
import { pathFrom, shownPath } from "../../system/paths.ts";
import type { WorkDescription } from "../../units/description.ts";
import { pathInRoot } from "../../units/inside.ts";
import type { Context } from "../../util/context.ts";
import { UserError } from "../../util/errors.ts";
import { shownCommand } from "../shown_command.ts";
import { requireBothClasses } from "../training/both_classes.ts";
import { chooseWhatRuns } from "../training/plan.ts";
import { type CheckedSweepOptions, type SweepDetails, type SweepFacts, type SweepUnit, unitsOf } from "./describe.ts";

/** A sweep as its command describes it. */
export interface DescribedSweep {
  readonly work: Omit<WorkDescription, "format" | "cancernet">;
  readonly units: readonly SweepUnit[];
  readonly baseline: string;
}

/**
 * Reads the table and checks all of it before anything runs.
 * @throws UserError if a row is wrong or cannot be trained here, or if the dataset cannot be tested.
 */
export async function planSweep(
  dataset: Dataset,
  options: CheckedSweepOptions,
  context: Context,
): Promise<DescribedSweep> {
  const table = await readSweepTable(options.table);
  const seeds = seedsOf(options, table.seeds);
  const baseline = baselineOf(options, table.settings);
  requireTestable(dataset, options.folds, seeds);
  const chosen = await chooseForAll(dataset, table.settings, options, context);
  const units = unitsOf(chosen.settings, seeds, options.folds);
  const { sha256 } = dataset.description;
  const facts: SweepFacts = {
    dataset_sha256: sha256.manifest,
    records_sha256: sha256.patches,
    side: dataset.side,
    device: chosen.device,
    ...(options.folds === undefined ? {} : { folds: options.folds }),
  };
  const path = pathInRoot(options.root ?? ".", dataset.folder);
  if (path === undefined && options.queue !== undefined) {
    throw new UserError(
      "options-conflict",
      `The dataset ${dataset.folder} lies outside ${options.root ?? "."}: name a folder that holds it with --root.`,
    );
  }
  const details: SweepDetails = {
    dataset: shownPath(dataset.folder),
    ...(path === undefined ? {} : { dataset_path: path }),
    dataset_from: pathFrom(options.out, dataset.folder),
    threads: chosen.threads,
    checkpoint_every: chosen.checkpointEvery,
    baseline,
    class_names: [...dataset.classNames],
    device_reason: chosen.reason,
    command: commandOf(options),
  };
  return { work: { verb: "sweep", facts: { ...facts }, details: { ...details }, units }, units, baseline };
}

function seedsOf({ seeds }: CheckedSweepOptions, ofTable: readonly number[] | undefined): number[] {
  if (seeds !== undefined && ofTable !== undefined && seeds !== ofTable.join(","))
    throw new UserError(
      "options-conflict",
      `--seeds is ${seeds}, but the table has the seeds ${ofTable.join(",")}: leave out one of the two.`,
    );
  const all = ofTable ?? (seeds ?? DEFAULT_SEEDS).split(",").map(Number);
  const twice = all.find((seed, index) => all.indexOf(seed) !== index);
  if (twice !== undefined)
    throw new UserError("option-invalid", `The seed ${twice} is given twice: give each seed once.`);
  return [...all];
}

function baselineOf({ baseline, table }: CheckedSweepOptions, settings: readonly SweepSetting[]): string {
  const names = settings.map(({ name }) => name);
  if (baseline === undefined) return names[0]!;
  if (names.includes(baseline)) return baseline;
  throw new UserError(
    "option-invalid",
    `--baseline is "${baseline}", which is no setting of ${table}: expected one of ${names.slice(0, 20).join(", ")}${names.length > 20 ? ", ..." : ""}.`,
  );
}

/** @throws UserError if a training or a test would fail for want of patches or cases. */
function requireTestable(dataset: Dataset, folds: number | undefined, seeds: readonly number[]): void {
  if (folds !== undefined) {
    for (const seed of seeds) foldsOf(dataset, folds, seed);
    return;
  }
  requireBothClasses(dataset, "training");
  if (dataset.indicesOf("test").length > 0) return;
  throw new UserError(
    "split-empty",
    `The test split of ${dataset.folder} is empty, so that no setting could be tested: prepare it with a test split, or cross-validate with --folds.`,
  );
}

interface Chosen {
  readonly settings: (SweepSetting & { readonly engine: FixedSettings["engine"] })[];
  readonly device: FixedSettings["device"];
  readonly threads: number;
  readonly checkpointEvery: string;
  readonly reason: string;
}

/** The device is chosen once for all rows, and each row's engine for that device. */
async function chooseForAll(
  dataset: Dataset,
  settings: readonly SweepSetting[],
  { threads, checkpointEvery, device, out, table }: CheckedSweepOptions,
  context: Context,
): Promise<Chosen> {
  let chosen: Omit<Chosen, "settings"> | undefined;
  const engines = new Map<string, FixedSettings["engine"]>();
  const withEngines: Chosen["settings"] = [];
  for (const [index, { name, options }] of settings.entries()) {
    context.signal.throwIfAborted();
    try {
      const wanted = newSettings(
        { ...options, threads, checkpointEvery, device: chosen?.device ?? device },
        dataset.side,
      );
      const key = JSON.stringify([wanted.model, wanted.inputSize, wanted.engine, wanted.batchSize]);
      let engine = engines.get(key);
      if (engine === undefined || chosen === undefined) {
        const found = await chooseWhatRuns({ settings: wanted, folder: out, dataset }, context);
        const { device, threads, checkpointEvery } = found.settings;
        chosen ??= { device, threads, checkpointEvery, reason: found.reasons.device };
        engine = found.settings.engine;
        engines.set(key, engine);
      }
      withEngines.push({ name, options, engine });
    } catch (error) {
      if (!(error instanceof UserError) || error.code === "device-unavailable") throw error;
      throw new UserError(error.code, `${table}, row ${index + 1} ("${name}"): ${error.message}`);
    }
  }
  return { settings: withEngines, ...chosen! };
}

/** The command line for these options, without options that do not affect the results. */
function commandOf({ dataset, table, out, seeds, folds, baseline, device }: CheckedSweepOptions): string {
  return shownCommand("sweep", sweepOptions, { dataset, table, out, seeds, folds, baseline, device });
}
