/** Divides a model between our kernels and ONNX Runtime. */
import type { ModelParts } from "../engine/classification/node/open_block_model.ts";
import { arraysOf } from "../engine/graph/read_onnx.ts";
import { restOfOnnx } from "../engine/graph/rest_of_onnx.ts";
import { frontDepth } from "../engine/inference/front.ts";
import { requireSameStart } from "../engine/inference/same_graph.ts";
import { buildFrontGraph, FRONT } from "../engine/models/inference.ts";
import { layerShapes, parametersOf } from "../engine/nn/model.ts";
import { prune } from "../engine/runtime/lowering/lower.ts";
import { architectureOf, type ReadModel } from "./read_model.ts";

/**
 * The parts of a model on the CPU. The file stays whole if it has several views, a network without a front, or begins with
 * other operations than this version writes.
 * @param place the file's name in errors
 */
export function divided({ card, file }: ReadModel, bytes: Uint8Array, place: string): ModelParts {
  if (card.views !== 1) return { onnx: bytes };
  try {
    const whole = architectureOf(card, place);
    const depth = frontDepth(whole);
    if (depth === undefined) return { onnx: bytes };
    const model = { ...whole, layers: whole.layers.slice(0, depth) };
    const names = new Set(parametersOf(model).map(({ name }) => name));
    const arrays = arraysOf({ tensors: file.tensors.filter(({ name }) => names.has(name)) });
    const start = prune(buildFrontGraph({ model, arrays }));
    const cut = { nodes: start.nodes.length, value: requireSameStart(file, start) };
    const [channels, height, width] = layerShapes(model).at(-1)!;
    const input = { name: FRONT, shape: ["batch", height!, width!, channels!] };
    return { onnx: restOfOnnx(bytes, cut, input), front: { model, arrays } };
  } catch {
    // A file of another version: ONNX Runtime can run it, or says why it cannot.
    return { onnx: bytes };
  }
}
