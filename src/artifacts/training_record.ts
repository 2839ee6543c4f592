/** Reads the information about a model's training from its run folder, for reports. */
import { join } from "node:path";
import * as z from "zod";
import { KEEP_NAMES, keptOf } from "../options/training/keep.ts";
import { kindOf, readText } from "../system/files.ts";
import { fromCsv } from "../util/csv.ts";
import { UserError } from "../util/errors.ts";
import { MEASURED_COLUMNS, type MeasuredEpoch } from "./history.ts";
import { RUN_FILES } from "./run_files.ts";
import { readRun } from "./run_folder.ts";
import type { Training } from "./training.ts";

const setting = z.union([z.string(), z.number(), z.boolean()]);

/** What a finished run has kept, in run.json. Runs of earlier versions lack it. */
export const keptSchema = z.object({
  keep: z.enum(KEEP_NAMES),
  epochs: z.array(z.int().min(1)).min(1),
  val_auroc: z.number().nullable(),
});

/** The parts of run.json that the report shows. Runs of other versions may lack some of them. */
const schema = z.object({
  software: z.record(z.string(), z.string()).catch({}),
  engine: z.string().catch("unknown"),
  device: z.string().catch("unknown"),
  options: z.record(z.string(), z.unknown()).catch({}),
  kept: keptSchema.optional().catch(undefined),
});

/** The settings that determine what an unfinished run has kept. Earlier versions kept the best epoch. */
const keepSchema = z.object({
  keep: z.enum(KEEP_NAMES).catch("best"),
  epochs: z.number().catch(Number.POSITIVE_INFINITY),
});

/** @throws UserError if the run's description or history is damaged. */
export async function readTraining(folder: string): Promise<Training> {
  const { software, engine, device, options, kept } = await readRun(folder, schema);
  // The path of the plot is not a training setting.
  const settings = Object.entries(options).flatMap(([name, value]) => {
    const known = setting.safeParse(value);
    return known.success && name !== "plot" ? [[name, known.data] as const] : [];
  });
  const history = await readHistory(folder);
  return {
    software,
    engine,
    device,
    settings: Object.fromEntries(settings),
    history,
    kept: kept ?? keptOf(history, keepSchema.parse(options)) ?? null,
  };
}

async function readHistory(folder: string): Promise<MeasuredEpoch[]> {
  const path = join(folder, RUN_FILES.history);
  if ((await kindOf(path)) !== "file") return [];
  return fromCsv(await readText(path, "the history"), MEASURED_COLUMNS, path).map((row, index) => {
    // An epoch has no validation AUROC if the validation split lacks a class; the table then contains NaN.
    const values = MEASURED_COLUMNS.map((column) => [column, Number(row[column])]);
    const epoch: MeasuredEpoch = Object.fromEntries(values);
    if (epoch.epoch === index + 1) return epoch;
    throw new UserError(
      "run-damaged",
      `${path} is damaged in row ${index + 1} (epoch "${row.epoch}"): restore it, or train again.`,
    );
  });
}
