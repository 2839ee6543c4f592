/** Describes a sweep as a work: one unit per setting and seed, or per fold of these, and what determines its results. */
import { join } from "node:path";
import * as z from "zod";
import { foldName } from "../../artifacts/crossvalidation_folder.ts";
import type { SweepSetting } from "../../artifacts/sweep_table.ts";
import { ENGINE_NAMES } from "../../engine/engine_names.ts";
import { DEVICE_NAMES } from "../../engine/runtime/devices.ts";
import { type RowSettings, rowSettings, type sweepOptions } from "../../options/sweep.ts";
import { type FixedSettings, fixedSettings, newSettings } from "../../options/training/settings.ts";
import { unitName, type WorkDescription } from "../../units/description.ts";
import { UNITS_FOLDER } from "../../units/parts.ts";
import { UserError } from "../../util/errors.ts";
import { checked, type Expected } from "../../util/json.ts";

export type CheckedSweepOptions = z.output<typeof sweepOptions>;

export const sweepUnit = z.object({
  name: unitName,
  setting: z.string(),
  seed: z.int().nonnegative(),
  /** From 1; absent if the unit is a training on the dataset's own split. */
  fold: z.int().min(1).optional(),
  /** What the row of the table gives. */
  options: rowSettings,
  /** What runs the training step, instead of "auto". */
  engine: z.enum(ENGINE_NAMES),
});

export type SweepUnit = z.output<typeof sweepUnit>;

const detailsSchema = z.object({
  /** The dataset's folder in reports. */
  dataset: z.string(),
  /** The dataset's path from the root on; absent if it lies elsewhere. */
  dataset_path: z.string().optional(),
  /** The dataset's path from the folder of the results on. */
  dataset_from: z.string(),
  /** The settings that every run names, whoever trains it. */
  threads: z.int().min(1),
  checkpoint_every: z.string(),
  baseline: z.string(),
  class_names: z.tuple([z.string(), z.string()]),
  device_reason: z.string(),
  command: z.string(),
});

export type SweepDetails = z.output<typeof detailsSchema>;

const factsSchema = z.object({
  dataset_sha256: z.string(),
  records_sha256: z.string(),
  side: z.int().min(1),
  device: z.enum(DEVICE_NAMES),
  folds: z.int().min(1).optional(),
});

export type SweepFacts = z.output<typeof factsSchema>;

/** The description of a sweep, checked. */
export interface Sweep {
  readonly facts: SweepFacts;
  readonly details: SweepDetails;
  readonly units: readonly SweepUnit[];
  readonly cancernet: string;
}

/** A setting with a seed: a run, or a cross-validation. */
export interface SweepRow {
  /** The name of its folder. */
  readonly name: string;
  readonly setting: string;
  readonly seed: number;
  readonly options: RowSettings;
  readonly units: readonly SweepUnit[];
}

/** The folder of a setting and a seed. */
export const rowName = (setting: string, seed: number): string => `${setting}-s${seed}`;

/** The units of a sweep: setting after setting, seed after seed, fold after fold. */
export function unitsOf(
  settings: readonly (SweepSetting & { readonly engine: FixedSettings["engine"] })[],
  seeds: readonly number[],
  folds: number | undefined,
): SweepUnit[] {
  return settings.flatMap(({ name: setting, options, engine }) =>
    seeds.flatMap((seed) => {
      const row = rowName(setting, seed);
      const facts = { setting, seed, options, engine };
      if (folds === undefined) return [{ name: row, ...facts }];
      return Array.from({ length: folds }, (_, fold) => ({
        name: `${row}/${foldName(fold)}`,
        fold: fold + 1,
        ...facts,
      }));
    }),
  );
}

/** The rows in the order of the units. */
export function rowsOfWork(units: readonly SweepUnit[]): SweepRow[] {
  const byRow = Map.groupBy(units, ({ setting, seed }) => rowName(setting, seed));
  return [...byRow].map(([name, own]) => {
    const { setting, seed, options } = own[0]!;
    return { name, setting, seed, options, units: own };
  });
}

/** All settings of a unit's training. */
export function settingsOfWork(
  { options, engine, seed }: SweepUnit,
  { facts: { side, device }, details: { threads, checkpoint_every } }: Pick<Sweep, "facts" | "details">,
): FixedSettings {
  const given = { ...options, engine, seed, device, threads, checkpointEvery: checkpoint_every };
  return fixedSettings.parse(newSettings(given, side));
}

/** @throws UserError if the description is not that of a sweep. */
export function sweepOf(folder: string, { facts, details, units, cancernet }: WorkDescription): Sweep {
  const expected: Expected = {
    code: "output-mismatch",
    place: join(folder, UNITS_FOLDER, "work.json"),
    what: "the description of a sweep",
    remedy: "restore it, or begin again with --out",
  };
  return {
    facts: checked(factsSchema, facts, expected),
    details: checked(detailsSchema, details, expected),
    units: units.map((unit) => checked(sweepUnit, unit, expected)),
    cancernet,
  };
}

/** @throws UserError if a row that the folder holds already was begun with other options. */
export function requireSameRows(folder: string, begun: readonly SweepUnit[], wanted: readonly SweepUnit[]): void {
  const known = new Map(begun.map((unit) => [unit.name, unit]));
  for (const unit of wanted) {
    const before = known.get(unit.name);
    if (before === undefined) continue;
    const [was, now] = [before, unit].map(({ options, engine }): Record<string, unknown> => ({ ...options, engine }));
    const other = Object.keys({ ...was, ...now }).find((name) => was![name] !== now![name]);
    if (other === undefined) continue;
    throw new UserError(
      "run-mismatch",
      `The setting "${unit.setting}" in ${folder} was begun with ${other} ${was![other] ?? "not given"}, and is now given with ${now![other] ?? "none"}: give the setting another name, or choose another folder with --out.`,
    );
  }
}
