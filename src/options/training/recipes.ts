/** The recipes: named sets of training settings. Every setting can be overridden by its flag. */
import { TUTORIAL_TRAINING } from "../../engine/training/tutorial.ts";
import type { Recipe } from "./settings.ts";

export const RECIPES = {
  /** AdamW with one cycle of the learning rate, quarter turns, jitter of the stains: docs/experiments.md says what was compared. */
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
    views: 8,
  },
  /** The tutorial in every setting (Rosebrock 2019). */
  tutorial: {
    ...TUTORIAL_TRAINING,
    classWeights: "balanced",
    augment: "geometry",
    statistics: "running",
    views: 1,
  },
} as const satisfies Record<string, Recipe>;

export type RecipeName = keyof typeof RECIPES;
export const RECIPE_NAMES = Object.keys(RECIPES) as [RecipeName, ...RecipeName[]];
