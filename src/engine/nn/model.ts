/** A model as data: its input, its layers, and what follows from them - parameters, summary, mathematics. */
import { RandomStream } from "../../util/random.ts";
import type { Value } from "../graph/graph.ts";
import { sizeOf } from "../graph/shape.ts";
import {
  applyLayer,
  type Layer,
  type LayerContext,
  layerOutputShape,
  layerParameters,
  type ParameterSpec,
} from "./layers.ts";

export interface ModelDescription {
  readonly name: string;
  /** Where the model comes from. */
  readonly source: string;
  /** [channels, height, width]; the images are scaled to this size. */
  readonly inputShape: readonly [number, number, number];
  readonly layers: readonly Layer[];
}

/** Named arrays in memory: weights, statistics or an optimizer's state. */
export type Arrays = Map<string, Float32Array>;

/** All arrays of a model, in the order of its layers. */
export function parametersOf(model: ModelDescription): ParameterSpec[] {
  return walk(model).flatMap(({ layer, input }) => layerParameters(layer, input));
}

/** How many classes the model tells apart. */
export function classesOf(model: ModelDescription): number {
  return sizeOf(walk(model).at(-1)!.output);
}

/** New arrays: Glorot-uniform weights, each from its own stream of the seed, and constant biases and statistics. */
export function initialize(model: ModelDescription, seed: number): Arrays {
  return new Map(
    parametersOf(model).map(({ name, shape, initializer }) => {
      const array = new Float32Array(sizeOf(shape));
      if (typeof initializer === "number") return [name, array.fill(initializer)];
      const limit = Math.sqrt(6 / (initializer.fanIn + initializer.fanOut));
      const random = new RandomStream(seed, "initialize", name);
      return [name, array.map(() => random.uniform(-limit, limit))];
    }),
  );
}

/** Adds the model to the graph of x [N, C, H, W]; the result is the logits [N, classes]. */
export function applyModel(model: ModelDescription, x: Value, context: LayerContext): Value {
  return model.layers.reduce((value, layer) => applyLayer(layer, value, context), x);
}

/** A line for each layer with its result's shape and its number of parameters, and the totals. */
export function summarize(model: ModelDescription): { rows: string[][]; total: number; trainable: number } {
  let total = 0;
  let trainable = 0;
  const rows = walk(model).map(({ layer, input, output }) => {
    const specs = layerParameters(layer, input);
    const count = specs.reduce((sum, spec) => sum + sizeOf(spec.shape), 0);
    total += count;
    trainable += specs.reduce((sum, spec) => sum + (spec.role === "weight" ? sizeOf(spec.shape) : 0), 0);
    return ["name" in layer ? layer.name : "", layer.kind, output.join(" x "), count.toLocaleString("en-US")];
  });
  return { rows, total, trainable };
}

function walk(model: ModelDescription) {
  let input: readonly number[] = model.inputShape;
  return model.layers.map((layer) => {
    const step = { layer, input, output: layerOutputShape(layer, input) };
    input = step.output;
    return step;
  });
}
