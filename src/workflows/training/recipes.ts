/** The recipes: named sets of training settings. Every setting can be overridden by its flag. */
import type { OptimizerName } from "../../engine/training/optimizers.ts";
import type { ScheduleName } from "../../engine/training/schedules.ts";
import type { Sampling } from "../../histology/dataset/batches.ts";

export const CLASS_WEIGHTS = ["none", "balanced"] as const;
export const STATISTICS = ["running", "measured"] as const;
export const VIEWS = [1, 8] as const;

/** Random changes of the training patches. */
interface Augmentation {
  /** Moves: within the tutorial's ranges, and perhaps by a random quarter turn before. */
  readonly move?: { readonly quarterTurns: boolean };
  /** How strongly haematoxylin and eosin are jittered. */
  readonly jitterStrength?: number;
}

/** The augmentations by name. */
export const AUGMENTATIONS = {
  none: {},
  geometry: { move: { quarterTurns: false } },
  "geometry+stain": { move: { quarterTurns: false }, jitterStrength: 0.05 },
  "turns+stain": { move: { quarterTurns: true }, jitterStrength: 0.05 },
  "turns+strong-stain": { move: { quarterTurns: true }, jitterStrength: 0.15 },
} as const satisfies Record<string, Augmentation>;

export type AugmentationName = keyof typeof AUGMENTATIONS;
export const AUGMENTATION_NAMES = Object.keys(AUGMENTATIONS) as [AugmentationName, ...AugmentationName[]];

/** The augmentation of a name. */
export const augmentationOf = (name: AugmentationName): Augmentation => AUGMENTATIONS[name];

export interface Recipe {
  readonly epochs: number;
  readonly batchSize: number;
  readonly optimizer: OptimizerName;
  readonly learningRate: number;
  readonly schedule: ScheduleName;
  readonly weightDecay: number;
  /** "balanced": each class weighs the largest class's count over its own. */
  readonly classWeights: (typeof CLASS_WEIGHTS)[number];
  readonly augment: AugmentationName;
  /** Which patches an epoch shows: each once, or cases evened out, see histology/dataset/batches.ts. */
  readonly sampling: Sampling;
  /** The share of a target that is spread evenly over the classes (Szegedy et al. 2016). */
  readonly labelSmoothing: number;
  /** Over how many epochs the weights are averaged (exponentially) for the model that is kept; 0 keeps the last weights. */
  readonly averaging: number;
  /** The normalization statistics of the model that is kept: the running ones, or measured on training patches afterwards. */
  readonly statistics: (typeof STATISTICS)[number];
  /** Over how many flipped and turned views of a patch the model that is kept averages. */
  readonly views: (typeof VIEWS)[number];
}

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
    sampling: "patches",
    labelSmoothing: 0,
    averaging: 0,
    statistics: "measured",
    views: 8,
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
    sampling: "patches",
    labelSmoothing: 0,
    averaging: 0,
    statistics: "running",
    views: 1,
  },
} as const satisfies Record<string, Recipe>;

export type RecipeName = keyof typeof RECIPES;
export const RECIPE_NAMES = Object.keys(RECIPES) as [RecipeName, ...RecipeName[]];
