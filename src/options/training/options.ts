/** The options of the verb "train", and what they come to for a new run. */
import { z } from "zod";
import { ENGINE_NAMES } from "../../engine/engine_names.ts";
import { INPUT_SIDE_PIXELS, MODEL_NAMES, type ModelName } from "../../engine/models/table.ts";
import { DEVICE_NAMES } from "../../engine/runtime/devices.ts";
import { RECORD_SIDES, RECORD_SIZE_PIXELS } from "../../histology/dataset/record.ts";
import { UserError } from "../../util/errors.ts";
import type { SettledValue } from "../meta.ts";
import { overwriteOption, THRESHOLD_DESCRIPTION, threadsOption, thresholdOption } from "../shared.ts";
import { threadsOf } from "../thread_count.ts";
import { AUGMENTATIONS, augmentationSettings } from "./augmentations.ts";
import { RECIPE_NAMES, RECIPES, type RecipeName } from "./recipes.ts";
import { recipeSettings, type TrainingSettings } from "./settings.ts";

/** What a new run takes if nothing is given; a resumed one takes its own. */
const DEFAULTS = {
  recipe: "default",
  model: "cancernet",
  seed: 42,
  device: "cpu",
  engine: "auto",
  checkpointEvery: "2m",
  threshold: "youden",
} as const;

/** Three poolings of CancerNet drop nothing of a side that is a multiple of this. */
const INPUT_STEP = 8;

const withDefault = <T extends z.ZodType>(schema: T, name: keyof typeof DEFAULTS, description: string) =>
  schema.optional().meta({ description: `${description} [${DEFAULTS[name]}]` });

const INTERVAL = /^([1-9]\d{0,5})(s|m)?$/;

export const trainOptions = z.object({
  dataset: z
    .string()
    .optional()
    .meta({ description: "Folder of a prepared dataset.", positional: true, placeholder: "DATASET", path: true }),
  out: z.string().optional().meta({ description: "New folder for the run.", placeholder: "DIR", path: true }),
  resume: z.string().optional().meta({
    description: "Run to go on with, from its last checkpoint; its options need not be given again.",
    placeholder: "RUN",
    resumes: true,
  }),
  recipe: withDefault(z.enum(RECIPE_NAMES), "recipe", "Set of training settings; the flags below override it."),
  model: withDefault(z.enum(MODEL_NAMES), "model", "Model to train."),
  inputSize: z
    .int()
    .min(RECORD_SIDES.least)
    .max(RECORD_SIDES.most)
    .optional()
    .meta({
      description: `Pixels a side of what the network sees of a patch. [the patch's side, rounded down to a multiple of ${INPUT_STEP}]`,
      placeholder: "PIXELS",
    }),
  ...recipeSettings.partial().shape,
  seed: withDefault(
    z.int().nonnegative(),
    "seed",
    "Seed of all randomness: the same seed gives the same model, bit for bit.",
  ),
  threads: threadsOption,
  device: withDefault(
    z.enum(["auto", ...DEVICE_NAMES]),
    "device",
    "What computes: the CPU, a GPU, or auto for the fastest that starts.",
  ),
  engine: withDefault(
    z.enum(["auto", ...ENGINE_NAMES]),
    "engine",
    "What runs the training step; auto is the fastest that runs the model on the device.",
  ),
  checkpointEvery: withDefault(
    z.string().regex(INTERVAL, "must be a number from 1 to 999999 of steps (50), seconds (90s) or minutes (2m)"),
    "checkpointEvery",
    "Steps (50) or time (90s, 2m) between checkpoints, besides one after each epoch; changes no result.",
  ).meta({ placeholder: "INTERVAL" }),
  threshold: withDefault(thresholdOption, "threshold", THRESHOLD_DESCRIPTION).meta({ placeholder: "RULE" }),
  plot: z.string().optional().meta({
    description: "Where to draw the history instead of plot.png in the run.",
    placeholder: "FILE",
    path: true,
  }),
  overwrite: overwriteOption,
  ...augmentationSettings.partial().shape,
  summary: z.boolean().default(false).meta({ description: "Only print the model's layers and parameters." }),
});

export type CheckedTrainOptions = z.output<typeof trainOptions>;

/** The options that fix a training, without its places. */
export const trainingOptions = trainOptions.omit({
  dataset: true,
  out: true,
  resume: true,
  plot: true,
  overwrite: true,
  summary: true,
});

export type TrainingOptions = z.output<typeof trainingOptions>;

/** What fixes a training but for its dataset, engine and device; run.json keeps it. */
export interface Settings {
  readonly modelName: ModelName;
  /** Pixels a side of what the network sees. */
  readonly inputSize: number;
  readonly recipeName: RecipeName;
  /** What the recipe and the augmentation come to, with what was given. */
  readonly recipe: TrainingSettings;
  readonly seed: number;
  readonly threads: number;
  /** As the option says it. */
  readonly checkpointEvery: string;
  /** The rule by which the threshold is chosen on the validation split. */
  readonly threshold: string;
  /** Where the history is drawn, if not in the run's folder. */
  readonly plot?: string | undefined;
}

/**
 * The settings of a new run: what was given, else the recipe's, else the named augmentation's.
 * @param side of the dataset's records, in pixels
 * @throws UserError if a value is given that would have no effect.
 */
export function newSettings(options: TrainingOptions & Pick<CheckedTrainOptions, "plot">, side: number): Settings {
  const recipeName = options.recipe ?? DEFAULTS.recipe;
  const recipe = given(options, RECIPES[recipeName]);
  const augmentation = given(options, AUGMENTATIONS[recipe.augment]);
  if (augmentation.fillValue > 0 && augmentation.fill !== "constant") {
    throw new UserError(
      "options-conflict",
      `--fill-value goes with --fill constant, but the fill is ${augmentation.fill}: give --fill constant, or leave out --fill-value.`,
    );
  }
  return {
    modelName: options.model ?? DEFAULTS.model,
    inputSize: options.inputSize ?? side - (side % INPUT_STEP),
    recipeName,
    recipe: { ...recipe, ...augmentation },
    seed: options.seed ?? DEFAULTS.seed,
    threads: threadsOf(options),
    checkpointEvery: options.checkpointEvery ?? DEFAULTS.checkpointEvery,
    threshold: options.threshold ?? DEFAULTS.threshold,
    plot: options.plot,
  };
}

/** The input's size as runs note it: nothing if it is the usual one, as in runs of earlier versions. */
export function notedInputSize({ inputSize }: Pick<Settings, "inputSize">): { readonly inputSize?: number } {
  return inputSize === INPUT_SIDE_PIXELS ? {} : { inputSize };
}

/** The settings, each as it was given if it was. */
function given<T extends object>(options: { readonly [name in keyof T]?: unknown }, settings: T): T {
  const names = Object.keys(settings) as (keyof T)[];
  return Object.fromEntries(names.map((name) => [name, options[name] ?? settings[name]])) as T;
}

/** The values of what was not given, and what each comes from, for people. */
export function settledSettings(options: TrainingOptions): Record<string, SettledValue> {
  const { recipe, recipeName, modelName: model, threads } = newSettings(options, RECORD_SIZE_PIXELS);
  const from = (text: string, values: object) =>
    Object.entries(values).map(([name, value]) => [name, { value, from: text }] as const);
  return Object.fromEntries([
    ...from("default", { ...DEFAULTS, model, threads }),
    ...from(`recipe ${recipeName}`, recipe),
    ...from(`augmentation ${recipe.augment}`, given(recipe, AUGMENTATIONS[recipe.augment])),
  ]);
}

/** What a new run runs on, as it was asked for. */
export const wantedOf = ({ device, engine }: TrainingOptions) => ({
  device: device ?? DEFAULTS.device,
  engine: engine ?? DEFAULTS.engine,
});

/** An interval of --checkpoint-every: steps, or seconds. */
export function checkpointInterval(text: string): { readonly steps: number } | { readonly seconds: number } {
  const [, digits, unit] = INTERVAL.exec(text)!;
  const number = Number(digits);
  return unit === undefined ? { steps: number } : { seconds: unit === "m" ? number * 60 : number };
}
