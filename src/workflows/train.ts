/** The verb "train": a dataset in, a run folder with the trained model out. */
import { mkdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { z } from "zod";
import { chooseEngine, devicesOf, ENGINE_NAMES } from "../engine/engines.ts";
import { MODEL_NAMES, MODELS } from "../engine/models/table.ts";
import { type ModelDescription, summarize } from "../engine/nn/model.ts";
import type { DeviceName } from "../engine/runtime/devices.ts";
import { OPTIMIZER_NAMES } from "../engine/training/optimizers.ts";
import { SCHEDULE_NAMES } from "../engine/training/schedules.ts";
import { type Dataset, openDataset } from "../histology/dataset/dataset.ts";
import { UserError } from "../util/errors.ts";
import { createOutputFolder, requireFreeFolder, requireWritableFile } from "../util/files.ts";
import { tableLines } from "../util/table.ts";
import type { Context } from "./context.ts";
import { chooseDevice } from "./device_choice.ts";
import { deviceOption, threadsOf, threadsOption } from "./options.ts";
import { AUGMENTATIONS, CLASS_WEIGHTS, RECIPE_NAMES, RECIPES, type Recipe } from "./recipes.ts";
import { type EpochRow, RUN_FILES } from "./run_folder.ts";
import { runTraining, type TrainingPlan, trialOf } from "./training_run.ts";

/** An option that is the recipe's where it is not given. */
const fromRecipe = <T extends z.ZodType>(schema: T, description: string) =>
  schema.optional().meta({ description: `${description} [recipe's]` });

export const trainOptions = z.object({
  dataset: z.string().meta({ description: "Folder of a prepared dataset.", positional: true, placeholder: "DATASET" }),
  out: z.string().optional().meta({ description: "New folder for the run.", placeholder: "DIR" }),
  recipe: z
    .enum(RECIPE_NAMES)
    .default("default")
    .meta({ description: "Set of training settings; the flags below override it." }),
  model: z.enum(MODEL_NAMES).default("cancernet").meta({ description: "Model to train." }),
  epochs: fromRecipe(z.int().min(1).max(100_000), "Epochs: how often every training patch is seen."),
  batchSize: fromRecipe(z.int().min(2).max(4096), "Most patches in a step."),
  optimizer: fromRecipe(z.enum(OPTIMIZER_NAMES), "Optimizer."),
  learningRate: fromRecipe(z.number().positive().max(100), "Learning rate at the schedule's start or top."),
  schedule: fromRecipe(z.enum(SCHEDULE_NAMES), "How the learning rate changes from step to step."),
  weightDecay: fromRecipe(z.number().min(0).max(1), "Weight decay."),
  classWeights: fromRecipe(z.enum(CLASS_WEIGHTS), "How much an error on each class counts."),
  augment: fromRecipe(z.enum(AUGMENTATIONS), "Random changes of the training patches."),
  seed: z
    .int()
    .nonnegative()
    .default(42)
    .meta({ description: "Seed of all randomness: the same seed gives the same model, bit for bit." }),
  threads: threadsOption,
  device: deviceOption,
  engine: z
    .enum(["auto", ...ENGINE_NAMES])
    .default("auto")
    .meta({ description: "What runs the training step; auto is the fastest that runs the model on the device." }),
  plot: z
    .string()
    .optional()
    .meta({ description: `Where to draw the history instead of ${RUN_FILES.plot} in the run.`, placeholder: "FILE" }),
  summary: z.boolean().default(false).meta({ description: "Only print the model's layers and parameters." }),
});

export type TrainOptions = z.output<typeof trainOptions>;

export interface TrainResult {
  /** The run's folder. */
  folder: string;
  history: EpochRow[];
}

/**
 * Trains a model and keeps its best epoch by AUROC on val, and the last one.
 * @throws UserError where the dataset or the folder does not allow it, or the training diverges.
 */
export async function train(options: TrainOptions, context: Context): Promise<TrainResult | undefined> {
  const model = MODELS[options.model];
  if (options.summary) {
    printSummary(model, context);
    return undefined;
  }
  if (options.out === undefined) throw new UserError("--out is required: name a new folder for the run.");
  const dataset = await openDataset(options.dataset);
  try {
    requireBothClasses(dataset, options.dataset);
    const draft = {
      folder: options.out,
      plotPath: options.plot ?? join(options.out, RUN_FILES.plot),
      model,
      recipe: { ...RECIPES[options.recipe], ...overrides(options) },
      recipeName: options.recipe,
      dataset,
      seed: options.seed,
      threads: threadsOf(options),
    };
    await requireFreeFolder(draft.folder);
    if (options.plot !== undefined) await requireWritableFile(options.plot, "--plot");
    const plan: TrainingPlan = { ...draft, ...(await chooseWhatRuns(draft, options, context)) };
    await createOutputFolder(plan.folder);
    await mkdir(dirname(plan.plotPath), { recursive: true });
    return { folder: plan.folder, history: await runTraining(plan, context) };
  } finally {
    dataset.close();
  }
}

/** The device and the engine; what excludes the two asked for is told first. */
async function chooseWhatRuns(
  draft: Omit<TrainingPlan, "device" | "engine">,
  { device: wanted, engine }: TrainOptions,
  { reporter, signal }: Context,
): Promise<Pick<TrainingPlan, "device" | "engine">> {
  const engineOn = (device: DeviceName) => chooseEngine(draft.model, engine, device);
  if (wanted !== "auto") engineOn(wanted);
  const open = async (device: DeviceName) => trialOf({ ...draft, engine: engineOn(device) }, device);
  const choice = await chooseDevice({ wanted, among: devicesOf(engine), open, signal });
  if (wanted === "auto") reporter.info(`Device: ${choice.device}, ${choice.reason}.`);
  return { device: choice, engine: engineOn(choice.device) };
}

/** The recipe's settings that were given by flag. */
function overrides(options: TrainOptions): Partial<Recipe> {
  const names = Object.keys(RECIPES.default) as (keyof Recipe)[];
  return Object.fromEntries(names.flatMap((name) => (options[name] === undefined ? [] : [[name, options[name]]])));
}

function requireBothClasses({ description }: Dataset, place: string): void {
  for (const split of ["train", "val"] as const) {
    const { benign, idc } = description.counts[split];
    if (benign === 0 || idc === 0) {
      throw new UserError(
        `The ${split} split of ${place} has ${benign} patches without and ${idc} with IDC: ` +
          "training needs both classes there, prepare the dataset from more cases.",
      );
    }
  }
}

function printSummary(model: ModelDescription, { reporter }: Context): void {
  const { rows, total, trainable } = summarize(model);
  reporter.info(`${model.name}: ${model.source}`);
  for (const line of tableLines(["layer", "kind", "output", "parameters"], rows)) reporter.info(line);
  const count = (value: number) => value.toLocaleString("en-US");
  reporter.info(`${count(total)} parameters, ${count(trainable)} trainable, ${count(total - trainable)} not.`);
}
