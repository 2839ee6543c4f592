/** Divides a model between our kernels and ONNX Runtime. */
import type { ModelParts } from "../engine/classification/node/open_block_model.ts";
import { arraysOf } from "../engine/graph/read_onnx.ts";
import { restOfOnnx } from "../engine/graph/rest_of_onnx.ts";
import { sizeOf } from "../engine/graph/shape.ts";
import { type FrontModel, frontOf } from "../engine/inference/front.ts";
import { lastNameOfStart } from "../engine/inference/same_graph.ts";
import { buildFrontGraph, FRONT } from "../engine/models/inference.ts";
import { MODELS, type ModelName, modelFor } from "../engine/models/table.ts";
import { layerShapes, parametersOf } from "../engine/nn/model.ts";
import { prune } from "../engine/runtime/lowering/lower.ts";
import type { ReadModel } from "./read_model.ts";

/**
 * The parts of a model on the CPU. The file stays whole if it has several views, a network without a front, or begins with
 * other operations than this version writes.
 */
export function divided(read: ReadModel, bytes: Uint8Array): ModelParts {
  const front = frontIn(read);
  if (!front) return { onnx: bytes };
  const start = prune(buildFrontGraph(front));
  const value = lastNameOfStart(read.file, start);
  if (value === undefined) return { onnx: bytes };
  const [channels, height, width] = layerShapes(front.model).at(-1)!;
  const input = { name: FRONT, shape: ["batch", height!, width!, channels!] };
  return { onnx: restOfOnnx(bytes, { nodes: start.nodes.length, value }, input), front };
}

/** The front of the card's network, with its arrays from the file. Undefined if the network has no front, or the file lacks an array. */
function frontIn({ card, file }: ReadModel): FrontModel | undefined {
  if (card.views !== 1 || !Object.hasOwn(MODELS, card.model)) return undefined;
  const model = frontOf(modelFor(card.model as ModelName, card.input_side));
  if (!model) return undefined;
  const parameters = parametersOf(model);
  const names = new Set(parameters.map(({ name }) => name));
  const arrays = arraysOf({ tensors: file.tensors.filter(({ name }) => names.has(name)) });
  const isWhole = parameters.every(({ name, shape }) => arrays.get(name)?.length === sizeOf(shape));
  return isWhole ? { model, arrays } : undefined;
}
