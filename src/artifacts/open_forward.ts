/** Checks a model file and prepares it for our own inference, in Node or in a browser. */
import { openPatchMap, type PatchMap } from "../engine/explanation/patch_map.ts";
import { arraysOf } from "../engine/graph/read_onnx.ts";
import { type Forward, type ForwardModel, openForward } from "../engine/inference/forward.ts";
import { requireSameGraph } from "../engine/inference/same_graph.ts";
import { buildInferenceGraph, FEATURE_AXES, LOGIT_OFFSET, LOGIT_SCALE } from "../engine/models/inference.ts";
import { prune } from "../engine/runtime/lowering/lower.ts";
import { messageOf, UserError } from "../util/errors.ts";
import { sha256 } from "../util/sha256.ts";
import type { CompiledModule } from "../util/web_assembly.ts";
import { type ModelCard, recordSideOf } from "./model_card.ts";
import { architectureOf, readModel } from "./read_model.ts";

/** A model that is ready to classify records. */
export interface ReadyModel {
  readonly card: ModelCard;
  /** The SHA-256 of the file's bytes, in hexadecimal. */
  readonly sha256: string;
  /** The architecture, its arrays and the number of views. */
  readonly trained: ForwardModel;
  readonly forward: Forward;
  /** Grad-CAM of a record. */
  mapOf(record: Uint8Array): PatchMap;
}

/**
 * @param kernels the compiled kernels
 * @param place the file's name in errors
 * @throws UserError if the bytes are not a sound model file of ours, or hold another computation than the kernels do
 */
export function openForwardModel(bytes: Uint8Array, kernels: CompiledModule, place: string): ReadyModel {
  const { card, file } = readModel(bytes, place, sha256);
  const model = architectureOf(card, place);
  const arrays = arraysOf(file);
  const { views } = card;
  try {
    const axes = arrays.get(FEATURE_AXES);
    const featureAxes = axes && card.training_cases ? { axes: card.training_cases.features, data: axes } : undefined;
    const graph = prune(buildInferenceGraph({ model, arrays, views, ...(featureAxes ? { featureAxes } : {}) }));
    requireSameGraph(file, graph, [LOGIT_SCALE, LOGIT_OFFSET]);
    const [trained, side] = [{ model, arrays, views }, recordSideOf(card)];
    // Most models are never asked for a map.
    let maps: ReturnType<typeof openPatchMap> | undefined;
    return {
      card,
      sha256: sha256(bytes),
      trained,
      forward: openForward(kernels, trained, side),
      mapOf(record) {
        maps ??= openPatchMap(kernels, trained, side);
        return maps(record);
      },
    };
  } catch (error) {
    throw new UserError(
      "model-unsupported",
      `${place} cannot be run in the browser (${messageOf(error)}): train or calibrate it again with this version.`,
    );
  }
}
