/** Reads a model file once, checks its seal and opens the model. */
import type { Classifier } from "../engine/classification/classifier.ts";
import { openClassifier } from "../engine/classification/node/open_classifier.ts";
import type { OnnxFile } from "../engine/graph/read_onnx.ts";
import type { SessionOptions } from "../engine/runtime/session.ts";
import { readBytes, sha256OfBytes } from "../system/files.ts";
import { messageOf, UserError } from "../util/errors.ts";
import { type ModelCard, recordSideOf } from "./model_card.ts";
import { divided } from "./model_parts.ts";
import { readModel } from "./read_model.ts";

/** The contents of a model file that was read. Later work uses these bytes, even if the file changes. */
export interface ModelFile {
  readonly bytes: Uint8Array;
  /** The SHA-256 of the bytes, in hexadecimal. */
  readonly sha256: string;
  readonly card: ModelCard;
  /** The graph and the arrays in the bytes. */
  readonly file: OnnxFile;
  /** The name of the file in errors. */
  readonly place: string;
}

/**
 * Reads a model file once.
 * @throws UserError if the file cannot be read, is not an ONNX model, is not one of ours, or was changed.
 */
export async function readModelFile({ modelPath, place }: ModelPlace): Promise<ModelFile> {
  return modelFileOf(await readBytes(modelPath, "the model"), place);
}

/** The path of a model file, and its name in errors. */
export interface ModelPlace {
  readonly modelPath: string;
  readonly place: string;
}

/**
 * A model file from bytes that are already read.
 * @throws UserError as `readModelFile`, except for errors of reading.
 */
export function modelFileOf(bytes: Uint8Array, place: string): ModelFile {
  return { bytes, sha256: sha256OfBytes(bytes), ...readModel(bytes, place, sha256OfBytes), place };
}

/** A model that can classify records (histology/dataset/record.ts). */
export interface OpenModel {
  readonly card: ModelCard;
  /** The SHA-256 of the file's bytes, in hexadecimal. */
  readonly sha256: string;
  readonly classifier: Classifier;
}

/**
 * Reads and opens a model file.
 * @throws UserError if the file cannot be read, is not an ONNX model, is not one of ours, was changed, or cannot be
 * run.
 */
export async function openModel(path: string, session: SessionOptions): Promise<OpenModel> {
  return openModelFile(await readModelFile({ modelPath: path, place: path }), session);
}

/**
 * Opens a model file that was read, for its own records or for square images of another size.
 * @throws UserError if the model cannot be run.
 */
export async function openModelFile(
  { bytes, sha256, card, file, place }: ModelFile,
  session: SessionOptions,
  imageSizePixels = recordSideOf(card),
): Promise<OpenModel> {
  try {
    const onCpu = (session.device ?? "cpu") === "cpu";
    const parts = onCpu ? divided({ card, file }, bytes) : { onnx: bytes };
    return { card, sha256, classifier: await openClassifier(parts, imageSizePixels, session) };
  } catch (error) {
    if (error instanceof UserError) throw error;
    throw new UserError(
      "model-failed",
      `${place} cannot be run (${messageOf(error)}): restore it, or give a model.onnx that "cancernet train" wrote.`,
    );
  }
}
