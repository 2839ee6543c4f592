/**
 * The settings that a recipe determines, one row each, and the recipes, which are named sets of values. A flag
 * overrides each setting.
 */
import * as z from "zod";
import { OPTIMIZER_NAMES } from "../../engine/training/optimizers.ts";
import { SCHEDULE_NAMES } from "../../engine/training/schedules.ts";
import { TUTORIAL_TRAINING } from "../../engine/training/tutorial.ts";
import { option } from "../meta.ts";
import { AUGMENTATION_NAMES } from "./augmentations.ts";
import { KEEP_NAMES } from "./keep.ts";

/** A setting whose value is the recipe's unless it is given. */
const setting = <T extends z.ZodType>(schema: T, description: string) =>
  option(schema, { description, fallback: { from: "recipe" } });

export const recipeSettings = z.object({
  epochs: setting(z.int().min(1).max(100_000), "Epochs: passes over the training patches."),
  batchSize: setting(z.int().min(2).max(4096), "Batch size: patches per step."),
  optimizer: setting(z.enum(OPTIMIZER_NAMES), "Optimizer."),
  learningRate: setting(z.number().positive().max(100), "Learning rate: the schedule's first or highest value."),
  schedule: setting(z.enum(SCHEDULE_NAMES), "How the learning rate changes from step to step."),
  weightDecay: setting(z.number().min(0).max(1), "Weight decay."),
  /** "balanced": the weight of a class is the largest class's count divided by its own count. */
  classWeights: setting(z.enum(["none", "balanced"]), "Weight of an error on each class."),
  augment: setting(z.enum(AUGMENTATION_NAMES), "Random changes of the training patches."),
  statistics: setting(
    z.enum(["running", "measured"]),
    "Normalization statistics of the model that is kept: running ones, or measured on training patches afterwards.",
  ),
  keep: setting(
    z.enum(KEEP_NAMES),
    "Weights that model.onnx holds: of the epoch with the best validation AUROC, of the last epoch, or the average over the last fifth of the epochs.",
  ),
  views: setting(z.literal([1, 8]), "Flipped and turned views of a patch over which the model that is kept averages."),
});

/** The settings of a recipe. */
export type Recipe = Readonly<z.output<typeof recipeSettings>>;

export const RECIPES = {
  /**
   * AdamW with a one-cycle learning rate, quarter turns and stain jitter. docs/experiments.md describes the
   * comparisons.
   */
  default: {
    epochs: 20,
    batchSize: 32,
    optimizer: "adamw",
    learningRate: 2e-3,
    schedule: "one-cycle",
    weightDecay: 0.01,
    classWeights: "none",
    augment: "turns+stain",
    statistics: "measured",
    keep: "last",
    views: 1,
  },
  /** All settings of the tutorial (Rosebrock 2019). */
  tutorial: {
    ...TUTORIAL_TRAINING,
    classWeights: "balanced",
    augment: "geometry",
    statistics: "running",
    keep: "last",
    views: 1,
  },
} as const satisfies Record<string, Recipe>;

export type RecipeName = keyof typeof RECIPES;
export const RECIPE_NAMES = Object.keys(RECIPES) as [RecipeName, ...RecipeName[]];
