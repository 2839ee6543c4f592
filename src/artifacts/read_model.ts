/**
 * Checks the bytes of a model file and reads its card, in Node and in a browser. open_model.ts reads files and runs
 * models in Node.
 */
import { type OnnxFile, readOnnx } from "../engine/graph/read_onnx.ts";
import { MODEL_NAMES, MODELS, type ModelName, modelFor } from "../engine/models/table.ts";
import type { ModelDescription } from "../engine/nn/model.ts";
import { messageOf, UserError } from "../util/errors.ts";
import { checked } from "../util/json.ts";
import { cardSchema, METADATA_PREFIX, type ModelCard } from "./model_card.ts";
import { isSealed, type Sha256 } from "./onnx_seal.ts";

/** A sound model file. */
export interface ReadModel {
  readonly card: ModelCard;
  readonly file: OnnxFile;
}

/**
 * Reads the bytes of a model file.
 * @param path the file's name in errors
 * @param sha256 checks the seal
 * @throws UserError if they are not an ONNX model, not one of ours, or were changed
 */
export function readModel(bytes: Uint8Array, path: string, sha256: Sha256): ReadModel {
  const expected = 'give a run folder, or a model.onnx that "cancernet train" wrote';
  let file: OnnxFile;
  try {
    file = readOnnx(bytes);
  } catch (error) {
    throw new UserError(
      "model-damaged",
      `${path} is not an ONNX model, or is damaged (${messageOf(error)}): ${expected}.`,
    );
  }
  const own = Object.entries(file.metadata).flatMap(([key, value]) =>
    key.startsWith(METADATA_PREFIX) ? [[key.slice(METADATA_PREFIX.length), value]] : [],
  );
  if (own.length === 0)
    throw new UserError(
      "model-foreign",
      `${path} is an ONNX model, but not one of ours (it carries no cancernet metadata): ${expected}.`,
    );
  if (!isSealed(bytes, sha256)) {
    throw new UserError(
      "model-damaged",
      `${path} was changed or cut off since it was written (its SHA-256 is not the one at its end): restore it, or train again.`,
    );
  }
  const card = checked(cardSchema, Object.fromEntries(own), {
    code: "model-damaged",
    place: path,
    what: "a model file with a sound card",
    remedy: expected,
  });
  return { card, file };
}

/**
 * The layers of the architecture that a card names.
 * @throws UserError if this version does not have the architecture.
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
