/**
 * The model for inference: takes any number of raw images of any size, and returns the probability of the last class.
 */
import { Graph, type Value } from "../graph/graph.ts";
import { sizeOf } from "../graph/shape.ts";
import { loadImages, scaleRange } from "../nn/input.ts";
import type { Layer, LayerContext } from "../nn/layers.ts";
import { type Arrays, applyLayers, type ModelDescription, parametersOf } from "../nn/model.ts";
import { add, multiply, scale, sigmoid } from "../ops/arithmetic.ts";
import { softmax } from "../ops/classification.ts";
import { matMul } from "../ops/linear.ts";
import { reduceSum } from "../ops/reduction.ts";
import { reverse, transpose } from "../ops/shaping.ts";

/** Input of the variant for prepared images: float32 [batch, channels, height, width] from 0 to 1. */
export const IMAGES = "images";
/** Input of the graph: uint8 RGB [batch, height, width, 3]. */
export const PATCHES = "patches";
/** Output, float32 [batch]: the probability of IDC, which is the sigmoid of scale * logit + offset. */
export const PROBABILITY = "probability";
/** Output, float32 [batch]: the log odds of IDC as the model was trained, before calibration. */
export const LOGIT = "logit";

/**
 * Output of a model that describes its training's cases, float32 [batch, axes]: the input of the last layer for the
 * unchanged patch, on some axes.
 */
export const PATCH_FEATURES = "features";
/** The constant with the axes, float32 [features, axes]. */
export const FEATURE_AXES = "feature_axes";

/** Output of the graph for any number of classes, float32 [batch, classes]: the softmax. */
export const PROBABILITIES = "probabilities";

/** The constants, float32 [1] each, between logit and probability. Before calibration they are 1 and 0. */
export const LOGIT_SCALE = "logit_scale";
export const LOGIT_OFFSET = "logit_offset";

/** With two classes, the logit of the last class is its score minus the other score. */
const SIGNS = Float32Array.of(-1, 1);

/** A model with its arrays, and options for inference. */
export interface TrainedModel {
  readonly model: ModelDescription;
  readonly arrays: Arrays;
  /** The number of views (of a square's eight, see views.ts) over which the logits are averaged; 1 by default. */
  readonly views?: number;
  /** The axes of the output `features`, row-major [features, axes]; absent if there is no such output. */
  readonly featureAxes?: { readonly axes: number; readonly data: Float32Array };
}

/**
 * The graph of a trained model, with its arrays as constants. It scales the images to the model's size (nearest
 * neighbour) and to 0..1. Its outputs are the logit and the probability of the last of two classes, per image.
 */
export function buildInferenceGraph(trained: TrainedModel): Graph {
  const graph = new Graph();
  const [channels, height, width] = trained.model.inputShape;
  const patches = graph.input(PATCHES, "uint8", ["batch", "height", "width", channels]);
  addModel(graph, scaleRange(loadImages(patches, height, width)), trained);
  return graph;
}

/** Like buildInferenceGraph, for images that already have the model's size, layout and range. */
export function buildImageGraph(trained: TrainedModel): Graph {
  const graph = new Graph();
  addModel(graph, graph.input(IMAGES, "float32", ["batch", ...trained.model.inputShape]), trained);
  return graph;
}

/**
 * The value between the two parts of a divided model: the output of the graph of the first layers, float32 [batch,
 * channels, height, width]; as the input of the rest, float32 [batch, height, width, channels].
 */
export const FRONT = "front";

/**
 * The graph of the first layers of a model, from raw images on: the operations with which `buildInferenceGraph` begins,
 * if the model has one view.
 */
export function buildFrontGraph({ model, arrays }: Pick<TrainedModel, "model" | "arrays">): Graph {
  const graph = new Graph();
  const [channels, height, width] = model.inputShape;
  const patches = graph.input(PATCHES, "uint8", ["batch", "height", "width", channels]);
  const images = scaleRange(loadImages(patches, height, width));
  const layers = normalizeLate(model.layers, arrays);
  graph.output(FRONT, applyLayers(layers, images, constantParameters(graph, model, arrays)));
  return graph;
}

/** The output of `buildSeenGraph`. */
export const SEEN = "seen";

/**
 * The graph that resizes images of any size as the model does. Its output is float32 [batch, channels, height, width]
 * in 0..255.
 */
export function buildSeenGraph({ inputShape: [channels, height, width] }: ModelDescription): Graph {
  const graph = new Graph();
  graph.output(SEEN, loadImages(graph.input(PATCHES, "uint8", ["batch", "height", "width", channels]), height, width));
  return graph;
}

/**
 * The graph of a model with any number of classes. Its input is the same as for `buildInferenceGraph`; its output is
 * the probability of each class.
 */
export function buildProbabilitiesGraph({ model, arrays }: Pick<TrainedModel, "model" | "arrays">): Graph {
  const graph = new Graph();
  const [channels, height, width] = model.inputShape;
  const patches = graph.input(PATCHES, "uint8", ["batch", "height", "width", channels]);
  const images = scaleRange(loadImages(patches, height, width));
  const scores = applyLayers(normalizeLate(model.layers, arrays), images, constantParameters(graph, model, arrays));
  graph.output(PROBABILITIES, softmax(scores));
  return graph;
}

function addModel(graph: Graph, images: Value, { model, arrays, views = 1, featureAxes }: TrainedModel): void {
  const context = constantParameters(graph, model, arrays);
  const layers = normalizeLate(model.layers, arrays);
  const [body, head] = [layers.slice(0, -1), layers.slice(-1)];
  const inputs = viewsOf(images, views).map((view) => {
    const input = applyLayers(body, view, context);
    return { input, scores: applyLayers(head, input, context) };
  });
  const logit = logitOf(mean(inputs.map(({ scores }) => scores)));
  graph.output(LOGIT, logit);
  const [factor, offset] = [
    graph.constant(Float32Array.of(1), [1], LOGIT_SCALE),
    graph.constant(Float32Array.of(0), [1], LOGIT_OFFSET),
  ];
  graph.output(PROBABILITY, sigmoid(add(multiply(logit, factor), offset)));
  if (!featureAxes) return;
  const { input } = inputs[0]!;
  const shape = [featureAxes.data.length / featureAxes.axes, featureAxes.axes];
  graph.output(PATCH_FEATURES, matMul(input, graph.constant(featureAxes.data, shape, FEATURE_AXES)));
}

/** Like buildInferenceGraph, but its only output is the input of the last layer for the unchanged image, as `features`. */
export function buildFeatureGraph({ model, arrays }: Pick<TrainedModel, "model" | "arrays">): Graph {
  const graph = new Graph();
  const [channels, height, width] = model.inputShape;
  const patches = graph.input(PATCHES, "uint8", ["batch", "height", "width", channels]);
  const images = scaleRange(loadImages(patches, height, width));
  const body = normalizeLate(model.layers, arrays).slice(0, -1);
  graph.output(PATCH_FEATURES, applyLayers(body, images, constantParameters(graph, model, arrays)));
  return graph;
}

/**
 * Moves each normalization that is between a ReLU and a pooling behind the pooling, if all its scales are positive. The
 * maximum of normalized values is then bit for bit the normalized maximum, because rounding preserves order, and only a
 * quarter as many values are normalized. (A normalization after a convolution costs nothing: ONNX Runtime merges it
 * into the weights.)
 */
function normalizeLate(layers: readonly Layer[], arrays: Arrays): Layer[] {
  const result = [...layers];
  for (const [place, layer] of layers.entries()) {
    const [previous, next] = [layers[place - 1], layers[place + 1]];
    if (previous?.kind !== "relu" || layer.kind !== "batchNormalization" || next?.kind !== "maxPool") continue;
    const scales = arrays.get(`${layer.name}.scale`);
    if (scales?.every((one) => one > 0)) result.splice(place, 2, next, layer);
  }
  return result;
}

/**
 * The layer context of a graph that contains the model's arrays as constants.
 * @throws Error if an array is missing or has a different size.
 */
export function constantParameters(graph: Graph, model: ModelDescription, arrays: Arrays): LayerContext {
  const parameters = new Map<string, Value>();
  for (const { name, shape } of parametersOf(model)) {
    const array = arrays.get(name);
    if (array?.length !== sizeOf(shape)) throw new Error(`The array "${name}" is missing or has another size.`);
    parameters.set(name, graph.constant(array, shape, name));
  }
  return { parameter: (name) => parameters.get(name)! };
}

/**
 * The logits [N] of the last of two classes, from the scores [N, 2] of both.
 * @throws Error if the number of classes is not two.
 */
export function logitOf(scores: Value): Value {
  if (scores.shape[1] !== SIGNS.length) throw new Error("The model does not have two classes.");
  return reduceSum(multiply(scores, scores.graph.constant(SIGNS, [SIGNS.length])), [1]);
}

/**
 * The first `count` of the eight views of square images [N, C, H, W]: each flip of the image, and each flip of its
 * transpose.
 */
function viewsOf(images: Value, count: number): Value[] {
  return [images, transpose(images, [0, 1, 3, 2])]
    .flatMap((one) => [one, reverse(one, 3)])
    .flatMap((one) => [one, reverse(one, 2)])
    .slice(0, count);
}

function mean(values: readonly Value[]): Value {
  return values.length === 1 ? values[0]! : scale(values.reduce(add), 1 / values.length);
}
