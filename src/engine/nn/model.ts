/** Models as lists of layers: their arrays and shapes, and the operations that they add to a graph. */
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
  /** The paper or program that the model is from. */
  readonly source: string;
  /** [channels, height, width]; the images are scaled to this size. */
  readonly inputShape: readonly [number, number, number];
  readonly layers: readonly Layer[];
}

/** Named arrays in memory: weights, statistics or an optimizer's state. */
export type Arrays = Map<string, Float32Array>;

/** The specifications of a model's arrays, in layer order. */
export function parametersOf(model: ModelDescription): ParameterSpec[] {
  return walk(model).flatMap(({ layer, input }) => layerParameters(layer, input));
}

/** The number of classes that the model distinguishes. */
export function classesOf(model: ModelDescription): number {
  return sizeOf(walk(model).at(-1)!.output);
}

/**
 * Removes the initial values (mean 0, variance 1) from the running statistics. After t steps with momentum m, a running
 * statistic still contains m^t of its initial value. After an epoch with few steps that is most of it, and far from the
 * data. The result is a weighted mean of the batches' statistics (the zero-debiasing of Kingma & Ba 2015, section 3).
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

/** Adds the model to the graph of x [N, C, H, W]. Returns the logits [N, classes]. */
export function applyModel(model: ModelDescription, x: Value, context: LayerContext): Value {
  return applyLayers(model.layers, x, context);
}

/** Adds layers of a model to the graph of x, one after the other. Returns the last output. */
export function applyLayers(layers: readonly Layer[], x: Value, context: LayerContext): Value {
  return layers.reduce((value, layer) => applyLayer(layer, value, context), x);
}

/** The shape of each layer's output for one image, without the batch, in layer order. */
export function layerShapes(model: ModelDescription): (readonly number[])[] {
  return walk(model).map(({ output }) => output);
}

/** A model's layers in order, and its numbers of parameters. */
export interface ModelSummary {
  readonly name: string;
  /** The paper or program that the model is from. */
  readonly source: string;
  /** `output` is the shape of the layer's output for one image, [channels, height, width] or [features]. */
  readonly layers: readonly {
    readonly name: string;
    readonly kind: string;
    readonly output: readonly number[];
    readonly parameters: number;
  }[];
  readonly parameters: number;
  /** The number of parameters that training changes. Running statistics are not included. */
  readonly trainable: number;
}

/** The output shape and the number of parameters of each layer, and the totals. */
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
