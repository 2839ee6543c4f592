/** The recipes: named sets of training settings. Every setting can be overridden by its flag. */
import type { OptimizerName } from "../engine/training/optimizers.ts";
import type { ScheduleName } from "../engine/training/schedules.ts";

export const AUGMENTATIONS = ["none", "geometry", "geometry+stain"] as const;
export const CLASS_WEIGHTS = ["none", "balanced"] as const;

export interface Recipe {
  readonly epochs: number;
  readonly batchSize: number;
  readonly optimizer: OptimizerName;
  readonly learningRate: number;
  readonly schedule: ScheduleName;
  readonly weightDecay: number;
  /** "balanced": each class weighs the largest class's count over its own. */
  readonly classWeights: (typeof CLASS_WEIGHTS)[number];
  readonly augment: (typeof AUGMENTATIONS)[number];
}

export const RECIPES = {
  /** AdamW with one cycle of the learning rate, the tutorial's moves and jitter of the stains. */
  default: {
    epochs: 20,
    batchSize: 32,
    optimizer: "adamw",
    learningRate: 2e-3,
    schedule: "one-cycle",
    weightDecay: 0.01,
    classWeights: "none",
    augment: "geometry+stain",
  },
  /** The tutorial in every setting (Rosebrock 2019). */
  tutorial: {
    epochs: 40,
    batchSize: 32,
    optimizer: "adagrad",
    learningRate: 0.01,
    schedule: "inverse-decay",
    weightDecay: 0,
    classWeights: "balanced",
    augment: "geometry",
  },
} as const satisfies Record<string, Recipe>;

export type RecipeName = keyof typeof RECIPES;
export const RECIPE_NAMES = Object.keys(RECIPES) as [RecipeName, ...RecipeName[]];
