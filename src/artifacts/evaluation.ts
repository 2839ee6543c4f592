/** An evaluation as later commands need it: the model's answers, patch by patch, and what its report must hold. */
import { z } from "zod";
import { CLASS_NAMES } from "../histology/dataset/class_names.ts";
import { SPLITS } from "../histology/dataset/split_names.ts";

const count = z.int().min(0);

/** What every later command needs of report.json; it holds more, for people and for some of them. */
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
  dataset: z.object({ folder: z.string(), sha256: z.string(), same_as_in_training: z.boolean() }),
});

/** Earlier versions called a model by its architecture alone. */
function withName(model: unknown): unknown {
  if (typeof model !== "object" || model === null || !("model" in model) || "name" in model) return model;
  return { name: model.model, architecture: model.model, ...model };
}

/** A patch's answer. */
export interface PatchAnswer {
  readonly case: string;
  readonly label: number;
  readonly probability: number;
}

export type EvaluationFacts = z.output<typeof reportSchema>;

/** A model's answers to patches. */
export interface Evaluation<R extends EvaluationFacts = EvaluationFacts> {
  /** As the user named it. */
  readonly name: string;
  readonly report: R;
  /** By the patch's id, in the order of the file. */
  readonly answers: ReadonlyMap<string, PatchAnswer>;
}
