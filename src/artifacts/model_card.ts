/** A model's card: what a model file says of itself, and how that is checked. */
import { z } from "zod";
import type { ClassNames } from "../histology/dataset/class_names.ts";
import { RECORD_SIDES, RECORD_SIZE_PIXELS } from "../histology/dataset/record.ts";
import { LARGEST_REACH, ringsOf } from "../histology/neighbourhood.ts";

export const MODEL_FORMAT = "2";
/** The keys of a model file's metadata begin with this, so that they stand apart from those of other tools. */
export const METADATA_PREFIX = "cancernet.";

/** A number as the card writes it; the empty text and hexadecimal are none. */
export const decimalText = z
  .string()
  .regex(/^\d+(\.\d+)?(e[+-]?\d+)?$/, "expected a number")
  .transform(Number);

const className = z.string().min(1);

/** What stands in a card for what its writer does not know, as of a model that another program has trained. */
export const UNKNOWN = "unknown";

const orUnknown = <T extends z.ZodType>(schema: T) => z.union([z.literal(UNKNOWN).transform(() => null), schema]);

/** How a patch's logit and those around it make one log odds: weights by the columns of `neighbourhoodFeatures`. */
const neighbourhoodSchema = z
  .object({ reach: z.int().min(1).max(LARGEST_REACH), weights: z.array(z.number()), bias: z.number() })
  .refine(({ reach, weights }) => weights.length === 1 + 2 * ringsOf(reach).length, "expected two weights per ring");

export type Neighbourhood = z.output<typeof neighbourhoodSchema>;

export const cardSchema = z.object({
  format: z.literal(MODEL_FORMAT),
  model: z.string(),
  class_names: z
    .string()
    .transform((text) => text.split(","))
    .pipe(z.tuple([className, className])),
  /** Pixels a side of the records that it takes; absent if 50. */
  record_side: decimalText.pipe(z.int().min(RECORD_SIDES.least).max(RECORD_SIDES.most)).optional(),
  /** Pixels a side of what its network sees of them; absent if 48. */
  input_side: decimalText.pipe(z.int().min(RECORD_SIDES.least).max(RECORD_SIDES.most)).optional(),
  /** A patch counts as positive from this calibrated probability on. */
  threshold: decimalText.pipe(z.number().max(1)),
  /** How the threshold was chosen on the validation split (metrics/operating_point.ts). */
  threshold_rule: z.string(),
  /** What the logits are divided by, which the graph does itself (metrics/calibration.ts). */
  temperature: decimalText.pipe(z.number().positive()),
  /** Over how many views of a patch the graph averages. */
  views: decimalText.pipe(z.int()),
  /** If the model looks at a patch's neighbours too. */
  neighbourhood: z
    .string()
    .transform((text, context) => {
      try {
        return JSON.parse(text);
      } catch {
        context.addIssue("expected JSON");
        return z.NEVER;
      }
    })
    .pipe(neighbourhoodSchema)
    .optional(),
  /** Of the manifest of the dataset that it was trained on. */
  dataset_sha256: orUnknown(z.string()),
  epoch: orUnknown(decimalText.pipe(z.int())),
  seed: orUnknown(decimalText.pipe(z.int())),
  recipe: z.string(),
  software: z.string(),
  notice: z.string(),
});

/** What a model file says about itself; null is what nobody knows. */
export type ModelCard = z.output<typeof cardSchema>;

/** The facts of a card that its writer chooses; the rest is the software's. */
export interface CardFacts extends Pick<ModelCard, "dataset_sha256" | "epoch" | "seed" | "recipe"> {
  /** "no IDC" and "IDC" unless given. */
  readonly class_names?: ClassNames | undefined;
  /** 50 unless given. */
  readonly record_side?: number | undefined;
}

/** Pixels a side of the records that a model takes. */
export const recordSideOf = ({ record_side }: Pick<ModelCard, "record_side">): number =>
  record_side ?? RECORD_SIZE_PIXELS;

/** How a model's probabilities are made to mean what they say, and where they are cut. */
export type Calibration = Pick<ModelCard, "threshold" | "threshold_rule" | "temperature">;

/** What holds until a model is calibrated: its softmax as it is, cut in the middle. */
export const UNCALIBRATED: Calibration = { threshold: 0.5, threshold_rule: "0.5", temperature: 1 };

/** The facts of a model that another program has trained: what it was trained on, and how, nobody here knows. */
export const IMPORTED: CardFacts = { dataset_sha256: null, epoch: null, seed: null, recipe: "imported" };
