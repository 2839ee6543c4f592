/** The items of the studio's folder: datasets, runs, evaluations, slides and results of slides. */
import type { PartCounts } from "../../histology/dataset/description.ts";
import type { Split } from "../../histology/dataset/split_names.ts";
import type { KeepName, Kept } from "../../options/training/keep.ts";

export const ITEM_KINDS = ["dataset", "run", "evaluation", "slide", "slide-result", "crossvalidation"] as const;

export type ItemKind = (typeof ITEM_KINDS)[number];

interface ItemFacts {
  /** Names the item in every route. It is made from the item's path and stays the same. */
  readonly id: string;
  /** The path in the studio's folder, with "/" between folders; only for display and for command lines. */
  readonly path: string;
  /** The time of the last change, in milliseconds since 1970. */
  readonly changed: number;
  /** Why the item cannot be used; absent if it can. */
  readonly problem?: string;
}

export interface DatasetItem extends ItemFacts {
  readonly kind: "dataset";
  readonly classNames: readonly [string, string];
  /** Width and height of a patch in pixels. */
  readonly side: number;
  readonly counts: Readonly<Record<Split, PartCounts>>;
  /** The number of files that were left out, by reason. */
  readonly rejected: Readonly<Record<string, number>>;
  readonly splitMethod: string;
  readonly manifestSha256: string;
}

export interface RunItem extends ItemFacts {
  readonly kind: "run";
  /** "running" is what run.json states; the jobs tell whether a process is at work. */
  readonly status: string;
  readonly architecture: string;
  readonly recipe: string;
  readonly seed: number;
  readonly epochs: number;
  /** The id of its dataset; null if it is not in the studio's folder. */
  readonly dataset: string | null;
  /** The rule for the epochs that are kept. */
  readonly keep: KeepName;
  /** What is kept; null while the training is not finished. */
  readonly kept: Kept | null;
  /** AUROC of the kept weights on the validation split. */
  readonly valAuroc: number | null;
  /** Whether it has a model yet. */
  readonly hasModel: boolean;
}

export interface EvaluationItem extends ItemFacts {
  readonly kind: "evaluation";
  readonly split: Split;
  readonly model: string;
  /** The id of its run; null if it does not lie in a run of the studio's folder. */
  readonly run: string | null;
  /** The id of its dataset; null if it is not in the studio's folder. */
  readonly dataset: string | null;
  readonly datasetSha256: string;
  readonly patches: number;
  readonly cases: number;
  readonly threshold: number;
  readonly auroc: number | null;
}

export interface SlideItem extends ItemFacts {
  readonly kind: "slide";
  readonly bytes: number;
}

export interface SlideResultItem extends ItemFacts {
  readonly kind: "slide-result";
  /** The file name of the slide that was scored. */
  readonly slideFile: string;
  /** The id of the slide; null if no slide of that name is in the studio's folder. */
  readonly slide: string | null;
  readonly model: string;
  /** False while it is being scored. */
  readonly isDone: boolean;
}

export interface CrossvalidationItem extends ItemFacts {
  readonly kind: "crossvalidation";
  readonly folds: number | null;
  readonly dataset: string | null;
  readonly auroc: number | null;
}

export type Item = DatasetItem | RunItem | EvaluationItem | SlideItem | SlideResultItem | CrossvalidationItem;

/** Answer of GET /api/items. */
export interface Items {
  readonly items: readonly Item[];
  /** Names of models in the package that can be used like a run. */
  readonly bundledModels: readonly string[];
}
