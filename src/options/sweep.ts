/** The options of the command "sweep", and those that a row of its table may set. */
import * as z from "zod";
import { FEWEST_FOLDS } from "../histology/dataset/split_names.ts";
import { MOST_FOLDS } from "./crossvalidate.ts";
import { ENGINE_OPTIONS } from "./engine.ts";
import { trainingSettings } from "./training/settings.ts";

/** A sweep without seeds has the seed that "train" has. */
export const DEFAULT_SEEDS = "42";

/** The settings that one process or one machine decides, and the seed, which is the other side of the table. */
const APART = { seed: true, threads: true, checkpointEvery: true, device: true } as const;

/** The names that a row may not set, with the option that sets them for all rows. */
export const SET_FOR_ALL: Readonly<Record<string, string>> = {
  seed: "--seeds",
  threads: "--threads",
  checkpointEvery: "--checkpoint-every",
  device: "--device",
};

/** What a row of the table may set, besides its name: the options of a training. */
export const rowSettings = trainingSettings.omit(APART).partial();

export type RowSettings = Readonly<z.output<typeof rowSettings>>;

const { threads, checkpointEvery, device } = trainingSettings.pick(APART).partial().shape;

export const sweepOptions = z.object({
  dataset: z
    .string()
    .meta({ description: "Folder of a prepared dataset.", positional: true, placeholder: "DATASET", path: true }),
  table: z.string().meta({
    description: "The settings, one row each: .yaml, .json or .csv with a name and options of train.",
    positional: true,
    placeholder: "TABLE",
    path: true,
  }),
  out: z.string().meta({
    description: "Folder for the runs and the summary; the same command goes on in it.",
    placeholder: "DIR",
    path: true,
  }),
  seeds: z
    .string()
    .regex(/^\d{1,15}(,\d{1,15}){0,99}$/, "must be whole numbers with commas, such as 1,2,3, and at most 100")
    .optional()
    .meta({
      description: "Seeds with which each setting is trained.",
      fallback: { words: `those of the table, or ${DEFAULT_SEEDS}` },
      placeholder: "S,S,...",
    }),
  folds: z
    .int()
    .min(FEWEST_FOLDS)
    .max(MOST_FOLDS)
    .optional()
    .meta({
      description: "Cross-validate each setting and seed in this many folds, instead of one training.",
      fallback: { words: "none" },
    }),
  baseline: z
    .string()
    .optional()
    .meta({
      description: "Setting from which the others are subtracted.",
      fallback: { words: "the first of the table" },
      placeholder: "NAME",
    }),
  threads,
  checkpointEvery,
  device,
  ...ENGINE_OPTIONS,
});

export type SweepOptions = z.input<typeof sweepOptions>;
