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

/** How many classes the model distinguishes. */
export function classesOf(model: ModelDescription): number {
  return sizeOf(walk(model).at(-1)!.output);
}

/**
 * The arrays with the running statistics freed of where they started (mean 0, variance 1). After t steps with momentum m a
 * running statistic still holds m^t of its start: after an epoch of few steps that is most of it, and far from the data.
 * What remains is a weighted mean of the batches' statistics (the zero-debiasing of Kingma & Ba 2015, section 3).
 */
export function debiasStatistics(model: ModelDescription, arrays: Arrays, steps: number): Arrays {
  const result = new Map(arrays);
  for (const layer of model.layers) {
    if (layer.kind !== "batchNormalization") continue;
    const rest = layer.momentum ** steps;
    for (const [name, start] of [
      [`${layer.name}.mean`, 0],
      [`${layer.name}.variance`, 1],
    ] as const) {
      const freed = arrays.get(name)!.map((running) => (running - rest * start) / (1 - rest));
      result.set(name, start === 1 ? freed.map((variance) => Math.max(variance, 0)) : freed);
    }
  }
  return result;
}

/** Adds the model to the graph of x [N, C, H, W]; the result is the logits [N, classes]. */
export function applyModel(model: ModelDescription, x: Value, context: LayerContext): Value {
  return applyLayers(model.layers, x, context);
}

/** Adds some layers of a model, one after the other. */
export function applyLayers(layers: readonly Layer[], x: Value, context: LayerContext): Value {
  return layers.reduce((value, layer) => applyLayer(layer, value, context), x);
}

/** The shape of each layer's result for one image, without the batch, in the order of the layers. */
export function layerShapes(model: ModelDescription): (readonly number[])[] {
  return walk(model).map(({ output }) => output);
}

/** A model's layers in their order, and how many numbers it learns. */
export interface ModelSummary {
  readonly name: string;
  /** The paper or program that it is from. */
  readonly source: string;
  /** `output` is the shape of the layer's result for one image, [channels, height, width] or [features]. */
  readonly layers: readonly {
    readonly name: string;
    readonly kind: string;
    readonly output: readonly number[];
    readonly parameters: number;
  }[];
  readonly parameters: number;
  /** Those that training changes; running statistics are not among them. */
  readonly trainable: number;
}

/** A model's layers with the shapes of their results and their numbers of parameters, and the totals. */
export function summarize(model: ModelDescription): ModelSummary {
  const layers = walk(model).map(({ layer, input, output }) => {
    const specs = layerParameters(layer, input);
    const sum = (list: typeof specs) => list.reduce((total, spec) => total + sizeOf(spec.shape), 0);
    return {
      name: "name" in layer ? layer.name : "",
      kind: layer.kind,
      output,
      parameters: sum(specs),
      trainable: sum(specs.filter(({ role }) => role === "weight")),
    };
  });
  const total = (what: "parameters" | "trainable") => layers.reduce((sum, layer) => sum + layer[what], 0);
  return {
    name: model.name,
    source: model.source,
    layers: layers.map(({ trainable: _, ...layer }) => layer),
    parameters: total("parameters"),
    trainable: total("trainable"),
  };
}

function walk(model: ModelDescription) {
  let input: readonly number[] = model.inputShape;
  return model.layers.map((layer) => {
    const step = { layer, input, output: layerOutputShape(layer, input) };
    input = step.output;
    return step;
  });
}
