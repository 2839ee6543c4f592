/** The folder of a cross-validation: the names of its files, and the description that determines its result. */
import { join } from "node:path";
import * as z from "zod";
import { FEWEST_FOLDS } from "../histology/dataset/split_names.ts";
import { fixedSettings } from "../options/training/settings.ts";
import { completeSettings, requireKnownSettings, storedSettings } from "../options/training/stored_settings.ts";
import { kindOf, readText } from "../system/files.ts";
import { publishFile } from "../system/output_file.ts";
import { UserError } from "../util/errors.ts";
import { checked, type Expected, parseJson } from "../util/json.ts";

/**
 * The names of the files beside the folds. The other three files have the same names as those of an evaluation. The
 * lock is in the folder of the units.
 */
export const CROSSVALIDATION_FILES = { description: "crossvalidation.json", lock: "crossvalidation.lock" } as const;

/**
 * The dataset and the run of a fold. Folds are counted from 0 in the program, and from 1 in file names and for people.
 */
export const foldPlaces = (folder: string, fold: number): FoldPlaces => placesIn(join(folder, foldName(fold)));

export const foldName = (fold: number): string => `fold-${fold + 1}`;

/** Where a fold's dataset and run lie. */
export interface FoldPlaces {
  readonly dataset: string;
  readonly run: string;
}

/** The dataset and the run in the folder of a fold. */
export const placesIn = (own: string): FoldPlaces => ({ dataset: join(own, "dataset"), run: join(own, "run") });

const sha256 = z.object({ manifest: z.string(), patches: z.string() });

const schema = z.object({
  format: z.literal(1),
  software: z.record(z.string(), z.string()),
  /** The command line that reproduces the report. */
  command: z.string(),
  dataset: z.object({ folder: z.string(), sha256 }),
  seed: z.int(),
  /** The cases of each fold's test split. */
  folds: z.array(z.array(z.string()).min(1)).min(FEWEST_FOLDS),
  /** The settings of each fold's training. */
  options: z.preprocess(completeSettings, fixedSettings),
  reason: z.string(),
  device_reason: z.string(),
  notice: z.string(),
});

const writtenSchema = z.object({ options: z.record(z.string(), z.unknown()) });

/** The contents of crossvalidation.json. */
export type CrossvalidationDescription = z.output<typeof schema>;

/**
 * Writes the description, before any other file, unless another process does so at the same moment.
 * @throws UserError with the code "output-exists" if there is a description already.
 */
export async function beginDescription(
  folder: string,
  description: Omit<CrossvalidationDescription, "format">,
): Promise<void> {
  const options = storedSettings(description.options);
  const text = JSON.stringify({ format: 1, ...description, options }, null, 2);
  const path = join(folder, CROSSVALIDATION_FILES.description);
  await publishFile({ path, flag: "--out", overwrite: false }, `${text}\n`).catch((error: unknown) => {
    if (!(error instanceof UserError) || error.code !== "output-exists") throw error;
    const sentence = `Another process has filled ${folder} meanwhile: choose a new folder with --out.`;
    throw new UserError("output-exists", sentence);
  });
}

/**
 * @throws UserError if the folder is not a cross-validation, its description is damaged, or it uses a removed setting.
 */
export async function readDescription(folder: string): Promise<CrossvalidationDescription> {
  const place = join(folder, CROSSVALIDATION_FILES.description);
  if ((await kindOf(place)) !== "file") {
    throw new UserError(
      "crossvalidation-missing",
      `${folder} is not a cross-validation (it has no ${CROSSVALIDATION_FILES.description}): give a folder that "cancernet crossvalidate" began with --out.`,
    );
  }
  const expected: Expected = {
    code: "crossvalidation-damaged",
    place,
    what: "a cross-validation's description",
    remedy: "restore it, or start again with --out",
  };
  const written = parseJson(await readText(place, "the description"), expected);
  const { options } = checked(writtenSchema, written, expected);
  requireKnownSettings(options, {
    what: `the cross-validation ${folder}`,
    restart: "start again with --out",
  });
  return checked(schema, written, expected);
}
