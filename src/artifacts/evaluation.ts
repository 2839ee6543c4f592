/**
 * An evaluation as later commands use it: the model's predictions for each patch, and the required contents of its
 * report.
 */
import * as z from "zod";
import { CLASS_NAMES } from "../histology/dataset/class_names.ts";
import { SPLITS } from "../histology/dataset/split_names.ts";

const count = z.int().min(0);

/**
 * The parts of report.json that every later command needs. The file also contains more, for people and for single
 * commands.
 */
export const reportSchema = z.object({
  split: z.enum(SPLITS),
  threshold: z.number(),
  confusion: z.object({ tn: count, fp: count, fn: count, tp: count }),
  leakage: z.object({ checked: z.boolean(), found: z.boolean().default(false) }),
  model: z.preprocess(
    withName,
    z.object({
      name: z.string(),
      architecture: z.string(),
      class_names: z.tuple([z.string(), z.string()]).default([...CLASS_NAMES]),
      recipe: z.string(),
      epoch: count.nullable(),
      seed: count.nullable(),
      dataset_sha256: z.string().nullable(),
    }),
  ),
  dataset: z.object({
    folder: z.string(),
    sha256: z.string(),
    same_as_in_training: z.boolean(),
    /** The cases of the split whose labels were corrected; absent if the dataset was not corrected. */
    corrected_cases: z.array(z.string()).optional(),
  }),
});

/** Completes reports of earlier versions, which name a model only by its architecture. */
function withName(model: unknown): unknown {
  if (typeof model !== "object" || model === null || !("model" in model) || "name" in model) return model;
  return { name: model.model, architecture: model.model, ...model };
}

/** The prediction for one patch. */
export interface PatchAnswer {
  readonly case: string;
  readonly label: number;
  readonly probability: number;
}

export type EvaluationFacts = z.output<typeof reportSchema>;

/** The predictions of a model for the patches of a split. */
export interface Evaluation<R extends EvaluationFacts = EvaluationFacts> {
  /** The run or folder as the user named it. */
  readonly name: string;
  readonly report: R;
  /** Keyed by patch id, in the order of the file. */
  readonly answers: ReadonlyMap<string, PatchAnswer>;
}
