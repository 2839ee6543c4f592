/** A model's card: the metadata in a model file, with its schema. */
// Only this form lets bundlers leave out what is unused.
import * as z from "zod";
import type { ClassNames } from "../histology/dataset/class_names.ts";
import { RECORD_SIDES } from "../histology/dataset/record.ts";
import { featureCount, LARGEST_REACH } from "../histology/neighbourhood.ts";
import { KEEP_NAMES } from "../options/training/keep.ts";

export { recordSideOf } from "../histology/dataset/record.ts";

export const MODEL_FORMAT = "2";
/** The prefix of our metadata keys, which separates them from those of other tools. */
export const METADATA_PREFIX = "cancernet.";

/** A decimal number as text. Empty text and hexadecimal are rejected. */
export const decimalText = z
  .string()
  .regex(/^\d+(\.\d+)?(e[+-]?\d+)?$/, "expected a number")
  .transform(Number);

const className = z.string().min(1);

/** The value for unknown facts, for example of a model that another program trained. */
export const UNKNOWN = "unknown";

const orUnknown = <T extends z.ZodType>(schema: T) => z.union([z.literal(UNKNOWN).transform(() => null), schema]);

/**
 * The weights that combine the logits of a patch and its neighbours into log odds, one per column of
 * `neighbourhoodFeatures`.
 */
const neighbourhoodSchema = z
  .object({ reach: z.int().min(1).max(LARGEST_REACH), weights: z.array(z.number()), bias: z.number() })
  .refine(
    ({ reach, weights }) => weights.length === featureCount(reach),
    "expected two weights and one per square; models of earlier versions have weights per ring, run add-context again",
  );

export type Neighbourhood = z.output<typeof neighbourhoodSchema>;

/** "validation": a dataset's validation split. "crossvalidation": every case, by models that had not seen it. */
export const CALIBRATED_ON = ["validation", "crossvalidation"] as const;

const numbers = z.array(z.number());

/**
 * How the training's cases look (metrics/likeness.ts): the reference for the mean of a case's statistics, first those
 * of its patches (`patch_statistics`, histology/image/patch_statistics.ts), then the model's output `features`.
 */
const trainingCasesSchema = z
  .object({
    cases: z.int().min(1),
    /** At most so many patches of a case are used. */
    patches_per_case: z.int().min(1),
    patch_statistics: z.array(z.string()),
    /** The number of axes of the output `features`. */
    features: z.int().min(1),
    center: numbers,
    axes: z.array(numbers),
    between: z.array(z.number().positive()),
    limit: z.number(),
  })
  .refine(({ patch_statistics, features, center, axes, between }) => {
    const width = patch_statistics.length + features;
    return [center, between, axes, ...axes].every(({ length }) => length === width);
  }, "expected as many numbers as statistics");

export type TrainingCases = z.output<typeof trainingCasesSchema>;

const json = z.string().transform((text, context) => {
  try {
    return JSON.parse(text);
  } catch {
    context.addIssue("expected JSON");
    return z.NEVER;
  }
});

export const cardSchema = z.object({
  format: z.literal(MODEL_FORMAT),
  model: z.string(),
  class_names: z
    .string()
    .transform((text) => text.split(","))
    .pipe(z.tuple([className, className])),
  /** Pixels per side of the model's records; absent if 50. */
  record_side: decimalText.pipe(z.int().min(RECORD_SIDES.least).max(RECORD_SIDES.most)).optional(),
  /** Pixels per side of the network's input, to which the records are scaled; absent if 48. */
  input_side: decimalText.pipe(z.int().min(RECORD_SIDES.least).max(RECORD_SIDES.most)).optional(),
  /** A patch is positive if its calibrated probability is at least this. */
  threshold: decimalText.pipe(z.number().max(1)),
  /** The rule that chose the threshold (metrics/operating_point.ts). */
  threshold_rule: z.string(),
  /** The patches that temperature and threshold were chosen on; absent if it was the validation split of the training. */
  calibrated_on: z.enum(CALIBRATED_ON).optional(),
  /** The divisor of the logits, which the graph applies (metrics/calibration.ts). */
  temperature: decimalText.pipe(z.number().positive()),
  /** The number of views of a patch over which the graph averages. */
  views: decimalText.pipe(z.int()),
  /** Present if the model also uses a patch's neighbours. */
  neighbourhood: json.pipe(neighbourhoodSchema).optional(),
  /** Absent in models of earlier versions, and if the training had too few named cases. */
  training_cases: json.pipe(trainingCasesSchema).optional(),
  /** Digests of patches that the model was made from (workflows/known_patches.ts); absent in earlier versions. */
  known_patches: z
    .string()
    .regex(/^([A-Za-z0-9+/]{8})+$/, "expected digests")
    .optional(),
  /** The SHA-256 of the manifest of the training dataset. */
  dataset_sha256: orUnknown(z.string()),
  /** The epoch whose weights the model has, from 1; the last of them if it has the mean of several. */
  epoch: orUnknown(decimalText.pipe(z.int())),
  /** The first epoch of the mean of the weights; absent if the model has the weights of one epoch. */
  mean_from: decimalText.pipe(z.int().min(1)).optional(),
  /** Why these weights were kept (options/training/keep.ts); absent in models of earlier versions. */
  kept: z.enum(KEEP_NAMES).optional(),
  seed: orUnknown(decimalText.pipe(z.int())),
  recipe: z.string(),
  software: z.string(),
  notice: z.string(),
});

/** The parsed metadata of a model file; null means unknown. */
export type ModelCard = z.output<typeof cardSchema>;

/** The facts that the writer of a card provides. The software adds the rest. */
export interface CardFacts extends Pick<ModelCard, "dataset_sha256" | "epoch" | "mean_from" | "seed" | "recipe"> {
  /** "no IDC" and "IDC" by default. */
  readonly class_names?: ClassNames | undefined;
  /** 50 by default. */
  readonly record_side?: number | undefined;
}

/** The calibration of a model's probabilities, and the threshold for calls. */
export type Calibration = Pick<ModelCard, "threshold" | "threshold_rule" | "temperature" | "calibrated_on">;

/** The calibration of a new model: the unchanged softmax with a threshold of 0.5. */
export const UNCALIBRATED: Calibration = { threshold: 0.5, threshold_rule: "0.5", temperature: 1 };

/** The facts of a model that another program trained. Its training is unknown. */
export const IMPORTED: CardFacts = { dataset_sha256: null, epoch: null, seed: null, recipe: "imported" };
