import { amendOnnx, onnxMetadata, toOnnx } from "../engine/graph/onnx.ts";
import { isSealed, sealOnnx } from "../engine/graph/onnx_seal.ts";
import { buildInferenceGraph, LOGIT_OFFSET, LOGIT_SCALE, type TrainedModel } from "../engine/models/inference.ts";
import { INPUT_SIDE_PIXELS, MODEL_NAMES, MODELS, type ModelName, modelFor } from "../engine/models/table.ts";
import type { ModelDescription } from "../engine/nn/model.ts";
import { type Classifier, openClassifier } from "../engine/runtime/classifier.ts";
import { prune } from "../engine/runtime/lowering/lower.ts";
import type { SessionOptions } from "../engine/runtime/session.ts";
import { CLASS_NAMES } from "../histology/dataset/class_names.ts";
import { RECORD_SIZE_PIXELS } from "../histology/dataset/record.ts";
import { readBytes } from "../system/files.ts";
import { SOFTWARE } from "../system/version.ts";
import { messageOf, UserError } from "../util/errors.ts";
import { checked } from "../util/json.ts";
import { RESEARCH_USE_NOTICE } from "../util/notice.ts";
import {
  type Calibration,
  type CardFacts,
  cardSchema,
  MODEL_FORMAT,
  type ModelCard,
  type Neighbourhood,
  recordSideOf,
  UNCALIBRATED,
  UNKNOWN,
} from "./model_card.ts";

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
 * The bytes of a model file with another calibration, which replaces the one that it has. If the model looks at
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
 * @throws UserError if the file cannot be read, is no ONNX model, is not one of ours, or was changed.
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
      "model-failed",
      `${place} cannot be run (${messageOf(error)}): restore it, or give a model.onnx that "cancernet train" wrote.`,
    );
  }
}

/**
 * The layers of the model that a card names.
 * @throws UserError if this version knows no such model.
 */
export function architectureOf(
  { model, input_side }: Pick<ModelCard, "model" | "input_side">,
  place: string,
): ModelDescription {
  if (Object.hasOwn(MODELS, model)) return modelFor(model as ModelName, input_side);
  throw new UserError(
    "model-unsupported",
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
    throw new UserError(
      "model-damaged",
      `${path} is not an ONNX model, or is damaged (${messageOf(error)}): ${expected}.`,
    );
  }
  const own = Object.entries(metadata).flatMap(([key, value]) =>
    key.startsWith(PREFIX) ? [[key.slice(PREFIX.length), value]] : [],
  );
  if (own.length === 0)
    throw new UserError(
      "model-foreign",
      `${path} is an ONNX model, but not one of ours (it carries no cancernet metadata): ${expected}.`,
    );
  if (!isSealed(bytes)) {
    throw new UserError(
      "model-damaged",
      `${path} was changed or cut off since it was written (its SHA-256 is not the one at its end): restore it, or train again.`,
    );
  }
  return checked(cardSchema, Object.fromEntries(own), {
    code: "model-damaged",
    place: path,
    what: "a model file with a sound card",
    remedy: expected,
  });
}
