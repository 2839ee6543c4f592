/** A model file: ONNX with a card in its metadata that says what it is, what it was trained on and how to read it. */
import { z } from "zod";
import { amendOnnx, isSealed, onnxMetadata, sealOnnx, toOnnx } from "../engine/graph/onnx.ts";
import { buildInferenceGraph, LOGIT_OFFSET, LOGIT_SCALE, type TrainedModel } from "../engine/models/inference.ts";
import { INPUT_SIDE_PIXELS, MODEL_NAMES, MODELS, type ModelName, modelFor } from "../engine/models/table.ts";
import type { ModelDescription } from "../engine/nn/model.ts";
import { type Classifier, openClassifier } from "../engine/runtime/classifier.ts";
import { prune } from "../engine/runtime/lowering/lower.ts";
import type { SessionOptions } from "../engine/runtime/session.ts";
import { CLASS_NAMES, type ClassNames } from "../histology/dataset/class_names.ts";
import { RECORD_SIDES, RECORD_SIZE_PIXELS } from "../histology/dataset/record.ts";
import { LARGEST_REACH, ringsOf } from "../histology/neighbourhood.ts";
import { readBytes } from "../system/files.ts";
import { SOFTWARE } from "../system/version.ts";
import { messageOf, UserError } from "../util/errors.ts";
import { checked } from "../util/json.ts";
import { RESEARCH_USE_NOTICE } from "../util/notice.ts";

const MODEL_FORMAT = "2";

/** A number as the card writes it; the empty text and hexadecimal are none. */
const decimal = z
  .string()
  .regex(/^\d+(\.\d+)?(e[+-]?\d+)?$/, "expected a number")
  .transform(Number);
const className = z.string().min(1);

/** What stands in a card for what its writer does not know, as of a model that another program has trained. */
const UNKNOWN = "unknown";
const orUnknown = <T extends z.ZodType>(schema: T) => z.union([z.literal(UNKNOWN).transform(() => null), schema]);

/** How a patch's logit and those around it make one log odds: weights by the columns of `neighbourhoodFeatures`. */
const neighbourhoodSchema = z
  .object({ reach: z.int().min(1).max(LARGEST_REACH), weights: z.array(z.number()), bias: z.number() })
  .refine(({ reach, weights }) => weights.length === 1 + 2 * ringsOf(reach).length, "expected two weights a ring");

export type Neighbourhood = z.output<typeof neighbourhoodSchema>;

const cardSchema = z.object({
  format: z.literal(MODEL_FORMAT),
  model: z.string(),
  class_names: z
    .string()
    .transform((text) => text.split(","))
    .pipe(z.tuple([className, className])),
  /** Pixels a side of the records that it takes; absent if 50. */
  record_side: decimal.pipe(z.int().min(RECORD_SIDES.least).max(RECORD_SIDES.most)).optional(),
  /** Pixels a side of what its network sees of them; absent if 48. */
  input_side: decimal.pipe(z.int().min(RECORD_SIDES.least).max(RECORD_SIDES.most)).optional(),
  /** A patch counts as positive from this calibrated probability on. */
  threshold: decimal.pipe(z.number().max(1)),
  /** How the threshold was chosen on val (metrics/operating_point.ts). */
  threshold_rule: z.string(),
  /** What the logits are divided by, which the graph does itself (metrics/calibration.ts). */
  temperature: decimal.pipe(z.number().positive()),
  /** Over how many views of a patch the graph averages. */
  views: decimal.pipe(z.int()),
  /** Where the model looks at a patch's neighbours too. */
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
  epoch: orUnknown(decimal.pipe(z.int())),
  seed: orUnknown(decimal.pipe(z.int())),
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

/** The metadata's keys begin with this, so that they stand apart from those of other tools. */
const PREFIX = "cancernet.";

/** The card of a model, by what its maker knows of it. */
export function cardOf(
  model: string,
  {
    class_names: [negative, positive] = CLASS_NAMES,
    record_side,
    input_side,
    ...facts
  }: CardFacts & Calibration & Pick<ModelCard, "views" | "input_side">,
): ModelCard {
  const { threshold, threshold_rule, temperature, views, ...rest } = facts;
  return {
    format: MODEL_FORMAT,
    model,
    class_names: [negative, positive],
    ...(record_side === undefined || record_side === RECORD_SIZE_PIXELS ? {} : { record_side }),
    ...(input_side === undefined || input_side === INPUT_SIDE_PIXELS ? {} : { input_side }),
    threshold,
    threshold_rule,
    temperature,
    views,
    ...rest,
    software: SOFTWARE,
    notice: RESEARCH_USE_NOTICE,
  };
}

/** The bytes of a model file. Its graph holds only operations that every device has, so that the same file runs on all. */
export function modelFile(trained: TrainedModel, facts: CardFacts): Uint8Array {
  const { name, inputShape } = trained.model;
  const shape = { views: trained.views ?? 1, input_side: inputShape[1] };
  const metadata = asMetadata(cardOf(name, { ...UNCALIBRATED, ...facts, ...shape }));
  return sealOnnx(toOnnx(prune(buildInferenceGraph(trained)), { producerVersion: SOFTWARE, metadata }));
}

/**
 * The bytes of a model file with another calibration, which replaces the one that it has. Where the model looks at
 * neighbours, the graph's own probability is that of a patch without any.
 */
export function withCalibration(
  bytes: Uint8Array,
  { neighbourhood, ...calibration }: Calibration & Pick<ModelCard, "neighbourhood">,
): Uint8Array {
  const { scale, offset } = neighbourhood ? aloneIn(neighbourhood) : { scale: 1, offset: 0 };
  const arrays = new Map([
    [LOGIT_SCALE, Float32Array.of(scale / calibration.temperature)],
    [LOGIT_OFFSET, Float32Array.of(offset / calibration.temperature)],
  ]);
  const metadata = { ...calibration, ...(neighbourhood ? { neighbourhood: JSON.stringify(neighbourhood) } : {}) };
  return sealOnnx(amendOnnx(bytes, { arrays, metadata: asMetadata(metadata) }));
}

/** The log odds of a patch without neighbours are scale * logit + offset: every second weight is that of missing ones. */
function aloneIn({ weights: [scale, ...rings], bias }: Neighbourhood): { scale: number; offset: number } {
  return {
    scale: scale!,
    offset: bias + rings.reduce((sum, weight, index) => (index % 2 === 1 ? sum + weight : sum), 0),
  };
}

const asMetadata = (card: object): Record<string, string> =>
  Object.fromEntries(Object.entries(card).map(([key, value]) => [PREFIX + key, String(value ?? UNKNOWN)]));

/** A model that is ready to classify records (histology/dataset/record.ts). */
export interface OpenModel {
  readonly card: ModelCard;
  readonly classifier: Classifier;
}

/**
 * Opens a model file, which errors call `place`.
 * @throws UserError where the file cannot be read, is no ONNX model, is not one of ours, or was changed.
 */
export async function openModel(path: string, session: SessionOptions, place = path): Promise<OpenModel> {
  return openModelBytes(await readBytes(path, "the model"), place, session);
}

/** Opens the bytes of a model file, which errors call `place`, for its records or for square images of another size. */
export async function openModelBytes(
  bytes: Uint8Array,
  place: string,
  session: SessionOptions,
  imageSizePixels?: number,
): Promise<OpenModel> {
  const card = readCard(bytes, place);
  try {
    return { card, classifier: await openClassifier(bytes, imageSizePixels ?? recordSideOf(card), session) };
  } catch (error) {
    if (error instanceof UserError) throw error;
    throw new UserError(
      `${place} cannot be run (${messageOf(error)}): restore it, or give a model.onnx that "cancernet train" wrote.`,
    );
  }
}

/**
 * The layers of the model that a card names.
 * @throws UserError where this version knows no such model.
 */
export function architectureOf(
  { model, input_side }: Pick<ModelCard, "model" | "input_side">,
  place: string,
): ModelDescription {
  if (Object.hasOwn(MODELS, model)) return modelFor(model as ModelName, input_side);
  throw new UserError(
    `${place} has the architecture ${model}, which this version does not know (it knows ${MODEL_NAMES.join(", ")}): use the version that made it.`,
  );
}

/**
 * What the bytes of a model file say about it.
 * @throws UserError as `openModel`.
 */
export function readCard(bytes: Uint8Array, path: string): ModelCard {
  const expected = 'give a run folder, or a model.onnx that "cancernet train" wrote';
  let metadata: Record<string, string>;
  try {
    metadata = onnxMetadata(bytes);
  } catch (error) {
    throw new UserError(`${path} is not an ONNX model, or is damaged (${messageOf(error)}): ${expected}.`);
  }
  const own = Object.entries(metadata).flatMap(([key, value]) =>
    key.startsWith(PREFIX) ? [[key.slice(PREFIX.length), value]] : [],
  );
  if (own.length === 0)
    throw new UserError(
      `${path} is an ONNX model, but not one of ours (it carries no cancernet metadata): ${expected}.`,
    );
  if (!isSealed(bytes)) {
    throw new UserError(
      `${path} was changed or cut off since it was written (its SHA-256 is not the one at its end): restore it, or train again.`,
    );
  }
  return checked(cardSchema, Object.fromEntries(own), {
    place: path,
    what: "a model file with a sound card",
    mend: expected,
  });
}
