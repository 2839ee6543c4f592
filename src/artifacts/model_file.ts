/**
 * Creates the bytes of a model file: the graph and its card, sealed. Also replaces the calibration of an existing file.
 */
import { amendOnnx, toOnnx } from "../engine/graph/onnx.ts";
import { onnxArrays, onnxMetadata } from "../engine/graph/read_onnx.ts";
import { buildInferenceGraph, LOGIT_OFFSET, LOGIT_SCALE, type TrainedModel } from "../engine/models/inference.ts";
import { INPUT_SIDE_PIXELS } from "../engine/models/table.ts";
import { prune } from "../engine/runtime/lowering/lower.ts";
import { CLASS_NAMES } from "../histology/dataset/class_names.ts";
import { RECORD_SIZE_PIXELS } from "../histology/dataset/record.ts";
import { sha256OfBytes } from "../system/files.ts";
import { SOFTWARE } from "../system/version.ts";
import { RESEARCH_USE_NOTICE } from "../util/notice.ts";
import {
  type Calibration,
  type CardFacts,
  METADATA_PREFIX,
  MODEL_FORMAT,
  type ModelCard,
  type Neighbourhood,
  type TrainingCases,
  UNCALIBRATED,
  UNKNOWN,
} from "./model_card.ts";
import { withSeal } from "./onnx_seal.ts";

/** The card of a model, from the facts that its maker provides. */
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

/** The bytes of an ONNX file with the seal appended. */
export const sealOnnx = (bytes: Uint8Array): Uint8Array => withSeal(bytes, sha256OfBytes);

/**
 * The bytes of a model file. The graph uses only operations that every device supports, so that the same file runs on
 * all devices.
 */
export function modelFile(trained: TrainedModel, facts: CardFacts): Uint8Array {
  const { name, inputShape } = trained.model;
  const shape = { views: trained.views ?? 1, input_side: inputShape[1] };
  const metadata = asMetadata(cardOf(name, { ...UNCALIBRATED, ...facts, ...shape }));
  return sealOnnx(toOnnx(prune(buildInferenceGraph(trained)), { producerVersion: SOFTWARE, metadata }));
}

/**
 * The bytes of a model file with a new calibration in place of the old one. If the model uses neighbours, the graph's
 * own probability is that of a patch without neighbours.
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

/**
 * The bytes of a model file that describes its training's cases: it has the output `features`, and its card the reference.
 * Everything else is unchanged.
 */
export function withTrainingCases(
  bytes: Uint8Array,
  { model, views, featureAxes }: Omit<TrainedModel, "arrays">,
  cases: TrainingCases,
): Uint8Array {
  const arrays = onnxArrays(bytes);
  const graph = buildInferenceGraph({
    model,
    arrays,
    ...(views ? { views } : {}),
    ...(featureAxes ? { featureAxes } : {}),
  });
  const calibration = new Map([LOGIT_SCALE, LOGIT_OFFSET].map((name) => [name, arrays.get(name)!]));
  const metadata = { ...onnxMetadata(bytes), ...asMetadata({ training_cases: JSON.stringify(cases) }) };
  const plain = toOnnx(prune(graph), { producerVersion: SOFTWARE });
  return sealOnnx(amendOnnx(plain, { arrays: calibration, metadata }));
}

/** The bytes of a model file whose card also has these facts: why its weights were kept, or patches that it knows. */
export const withFacts = (bytes: Uint8Array, facts: Partial<Pick<ModelCard, "kept" | "known_patches">>): Uint8Array =>
  sealOnnx(amendOnnx(bytes, { arrays: new Map(), metadata: asMetadata(facts) }));

/** The log odds of a patch without neighbours are scale * logit + offset, see `featuresAlone`. */
const aloneIn = ({ weights: [own, ownIfFew], bias }: Neighbourhood) => ({ scale: own! + ownIfFew!, offset: bias });

const asMetadata = (card: object): Record<string, string> =>
  Object.fromEntries(Object.entries(card).map(([key, value]) => [METADATA_PREFIX + key, String(value ?? UNKNOWN)]));
