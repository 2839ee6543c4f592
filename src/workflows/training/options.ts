/** The options of the verb "train", and what they come to for a new run. */
import { z } from "zod";
import { ENGINE_NAMES } from "../../engine/engines.ts";
import { MODEL_NAMES, type ModelName } from "../../engine/models/table.ts";
import { DEVICE_NAMES } from "../../engine/runtime/devices.ts";
import { OPTIMIZER_NAMES } from "../../engine/training/optimizers.ts";
import { SCHEDULE_NAMES } from "../../engine/training/schedules.ts";
import { SAMPLINGS } from "../../histology/dataset/batches.ts";
import { THRESHOLD_DESCRIPTION, threadsOf, threadsOption, thresholdOption } from "../options.ts";
import { RUN_FILES } from "../run_folder.ts";
import {
  AUGMENTATION_NAMES,
  CLASS_WEIGHTS,
  RECIPE_NAMES,
  RECIPES,
  type Recipe,
  type RecipeName,
  STATISTICS,
  VIEWS,
} from "./recipes.ts";

/** What a new run takes where nothing is given; a resumed one takes its own. */
const DEFAULTS = {
  recipe: "default",
  model: "cancernet",
  seed: 42,
  device: "cpu",
  engine: "auto",
  checkpointEvery: "2m",
  threshold: "youden",
} as const;

const withDefault = <T extends z.ZodType>(schema: T, name: keyof typeof DEFAULTS, description: string) =>
  schema.optional().meta({ description: `${description} [${DEFAULTS[name]}]` });

/** An option that is the recipe's where it is not given. */
const fromRecipe = <T extends z.ZodType>(schema: T, description: string) =>
  schema.optional().meta({ description: `${description} [recipe's]` });

const INTERVAL = /^([1-9]\d{0,5})(s|m)?$/;

export const trainOptions = z.object({
  dataset: z
    .string()
    .optional()
    .meta({ description: "Folder of a prepared dataset.", positional: true, placeholder: "DATASET" }),
  out: z.string().optional().meta({ description: "New folder for the run.", placeholder: "DIR" }),
  resume: z.string().optional().meta({
    description: "Run to go on with, from its last checkpoint; its options need not be given again.",
    placeholder: "RUN",
  }),
  recipe: withDefault(z.enum(RECIPE_NAMES), "recipe", "Set of training settings; the flags below override it."),
  model: withDefault(z.enum(MODEL_NAMES), "model", "Model to train."),
  epochs: fromRecipe(z.int().min(1).max(100_000), "Epochs: how often every training patch is seen."),
  batchSize: fromRecipe(z.int().min(2).max(4096), "Most patches in a step."),
  optimizer: fromRecipe(z.enum(OPTIMIZER_NAMES), "Optimizer."),
  learningRate: fromRecipe(z.number().positive().max(100), "Learning rate at the schedule's start or top."),
  schedule: fromRecipe(z.enum(SCHEDULE_NAMES), "How the learning rate changes from step to step."),
  weightDecay: fromRecipe(z.number().min(0).max(1), "Weight decay."),
  classWeights: fromRecipe(z.enum(CLASS_WEIGHTS), "How much an error on each class counts."),
  augment: fromRecipe(z.enum(AUGMENTATION_NAMES), "Random changes of the training patches."),
  sampling: fromRecipe(z.enum(SAMPLINGS), "What an epoch shows: every patch once, or cases evened out."),
  labelSmoothing: fromRecipe(z.number().min(0).max(0.5), "Share of a target that is spread over both classes."),
  averaging: fromRecipe(
    z.number().min(0).max(100),
    "Epochs over which the weights are averaged for the model that is kept; 0 keeps the last ones.",
  ),
  statistics: fromRecipe(
    z.enum(STATISTICS),
    "Normalization statistics of the model that is kept: running ones, or measured on training patches afterwards.",
  ),
  views: fromRecipe(
    z.literal(VIEWS),
    "Flipped and turned views of a patch over which the model that is kept averages.",
  ),
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
  plot: z
    .string()
    .optional()
    .meta({ description: `Where to draw the history instead of ${RUN_FILES.plot} in the run.`, placeholder: "FILE" }),
  summary: z.boolean().default(false).meta({ description: "Only print the model's layers and parameters." }),
});

export type TrainOptions = z.output<typeof trainOptions>;

/** The options that fix a training, without its places. */
export const trainingOptions = trainOptions.omit({ dataset: true, out: true, resume: true, plot: true, summary: true });

export type TrainingOptions = z.output<typeof trainingOptions>;

/** What fixes a training but for its dataset, engine and device; run.json keeps it. */
export interface Settings {
  readonly modelName: ModelName;
  readonly recipeName: RecipeName;
  readonly recipe: Recipe;
  readonly seed: number;
  readonly threads: number;
  /** As the option says it. */
  readonly checkpointEvery: string;
  /** The rule by which the threshold is chosen on val. */
  readonly threshold: string;
  /** Where the history is drawn, where not in the run's folder. */
  readonly plot?: string | undefined;
}

/** The settings of a new run. */
export function newSettings(options: TrainingOptions & Pick<TrainOptions, "plot">): Settings {
  const recipeName = options.recipe ?? DEFAULTS.recipe;
  const recipe = RECIPES[recipeName];
  const names = Object.keys(recipe) as (keyof Recipe)[];
  const given = names.flatMap((name) => (options[name] === undefined ? [] : [[name, options[name]]]));
  return {
    modelName: options.model ?? DEFAULTS.model,
    recipeName,
    recipe: { ...recipe, ...Object.fromEntries(given) },
    seed: options.seed ?? DEFAULTS.seed,
    threads: threadsOf(options),
    checkpointEvery: options.checkpointEvery ?? DEFAULTS.checkpointEvery,
    threshold: options.threshold ?? DEFAULTS.threshold,
    plot: options.plot,
  };
}

/** What a new run runs on, as it was asked for. */
export const wantedOf = ({ device, engine }: TrainingOptions) => ({
  device: device ?? DEFAULTS.device,
  engine: engine ?? DEFAULTS.engine,
});

/** An interval of --checkpoint-every: steps, or seconds. */
export function intervalOf(text: string): { readonly steps: number } | { readonly seconds: number } {
  const [, digits, unit] = INTERVAL.exec(text)!;
  const number = Number(digits);
  return unit === undefined ? { steps: number } : { seconds: unit === "m" ? number * 60 : number };
}
