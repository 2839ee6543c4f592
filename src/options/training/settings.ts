/** The settings of a training that its recipe gives: one row each, from which options, run.json and --resume are made. */
import { z } from "zod";
import { OPTIMIZER_NAMES } from "../../engine/training/optimizers.ts";
import { SCHEDULE_NAMES } from "../../engine/training/schedules.ts";
import { AUGMENTATION_NAMES, augmentationSettings } from "./augmentations.ts";

/** An option that is the recipe's unless it is given. */
const setting = <T extends z.ZodType>(schema: T, description: string) =>
  schema.meta({ description: `${description} [recipe's]` });

/** What a recipe says. */
export const recipeSettings = z.object({
  epochs: setting(z.int().min(1).max(100_000), "Epochs: how often every training patch is seen."),
  batchSize: setting(z.int().min(2).max(4096), "Most patches in a step."),
  optimizer: setting(z.enum(OPTIMIZER_NAMES), "Optimizer."),
  learningRate: setting(z.number().positive().max(100), "Learning rate at the schedule's start or top."),
  schedule: setting(z.enum(SCHEDULE_NAMES), "How the learning rate changes from step to step."),
  weightDecay: setting(z.number().min(0).max(1), "Weight decay."),
  /** "balanced": each class weighs the largest class's count over its own. */
  classWeights: setting(z.enum(["none", "balanced"]), "How much an error on each class counts."),
  augment: setting(z.enum(AUGMENTATION_NAMES), "Random changes of the training patches."),
  statistics: setting(
    z.enum(["running", "measured"]),
    "Normalization statistics of the model that is kept: running ones, or measured on training patches afterwards.",
  ),
  views: setting(z.literal([1, 8]), "Flipped and turned views of a patch over which the model that is kept averages."),
});

export type Recipe = Readonly<z.output<typeof recipeSettings>>;

/** What a recipe says, and every range of its augmentation. */
export const trainingSettings = recipeSettings.extend(augmentationSettings.shape);

export type TrainingSettings = Readonly<z.output<typeof trainingSettings>>;
