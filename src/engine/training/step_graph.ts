/**
 * The training step as one graph. Inputs are images and arrays; outputs are the loss, the probabilities and all updated
 * arrays.
 */
import { differentiate } from "../gradient/differentiate.ts";
import { Graph, type Value } from "../graph/graph.ts";
import { loadImages, movedImages, recolourImages, scaleRange } from "../nn/input.ts";
import type { ParameterSpec } from "../nn/layers.ts";
import { applyModel, type ModelDescription, parametersOf } from "../nn/model.ts";
import { exponential, multiply, scale } from "../ops/arithmetic.ts";
import { logSoftmax } from "../ops/classification.ts";
import { reduceSum } from "../ops/reduction.ts";
import { reshape } from "../ops/shaping.ts";
import { OPTIMIZERS, type Optimizer } from "./optimizers.ts";
import type { StepOptions } from "./step.ts";

/** The arrays of a step in order: the model's, then the optimizer's with their initial values. */
export function stateSpecs(options: StepOptions): { name: string; shape: readonly number[]; initial?: number }[] {
  const parameters = parametersOf(options.model);
  const optimizer: Optimizer = OPTIMIZERS[options.optimizer];
  return [
    ...parameters.map(({ name, shape }) => ({ name, shape })),
    ...parameters
      .filter(({ role }) => role === "weight")
      .flatMap(({ name, shape }) =>
        optimizer.state.map((part) => ({ name: `${name}/${part.name}`, shape, initial: part.initial })),
      ),
  ];
}

/** The name of an array's output after the step. */
export const updatedName = (name: string): string => `${name}/updated`;

/**
 * Builds the step for one batch size. Inputs are named as in Batch, arrays by their names, and random bytes by their
 * dropout layer.
 */
export function buildStepGraph(options: StepOptions, batchSize: number): Graph {
  const graph = new Graph();
  addStep(graph, options, inputImages(graph, options, batchSize), []);
  return graph;
}

/**
 * The step of a model whose input is not images, but float32 "features" [n, ...inputShape] that other code computes. It
 * also returns "features/gradient", which that code needs to continue.
 */
export function buildHeadGraph(options: StepOptions, batchSize: number): Graph {
  const graph = new Graph();
  const features = graph.input("features", "float32", [batchSize, ...options.model.inputShape]);
  const [gradient] = addStep(graph, options, features, [features]);
  graph.output("features/gradient", gradient!);
  return graph;
}

/** The random bytes that a step's graph needs for dropout: their names and shapes, in layer order. */
export function randomInputs(graph: Graph, model: ModelDescription): { name: string; shape: readonly number[] }[] {
  const dropouts = new Set(model.layers.flatMap((layer) => (layer.kind === "dropout" ? [layer.name] : [])));
  return graph.inputs.flatMap(({ name, shape }) => (dropouts.has(name) ? [{ name, shape: shape as number[] }] : []));
}

/**
 * The graph that converts the images of a step to the model's input: "pixels", float32 [n, channels, height, width].
 */
export function buildInputGraph(options: StepOptions, batchSize: number): Graph {
  const graph = new Graph();
  graph.output("pixels", inputImages(graph, options, batchSize));
  return graph;
}

/**
 * Adds the model, the loss, the gradients and the updates. Returns the gradients of the loss with respect to the values
 * in `alsoBy`.
 */
function addStep(graph: Graph, options: StepOptions, x: Value, alsoBy: readonly Value[]): Value[] {
  const specs = parametersOf(options.model);
  const parameters = new Map(specs.map((spec) => [spec.name, graph.input(spec.name, "float32", spec.shape)]));
  const logits = applyModel(trainedModel(options), x, {
    parameter: (name) => parameters.get(name)!,
    training: {
      randomBytes: (name, shape) => graph.input(name, "uint8", shape),
      updateStatistic: (name, value) => graph.output(updatedName(name), value),
    },
  });
  const logProbabilities = logSoftmax(logits);
  const loss = weightedCrossEntropy(logProbabilities);
  graph.output("loss", loss);
  graph.output("probabilities", exponential(logProbabilities));
  const trained = specs.filter(({ role }) => role === "weight");
  const weights = trained.map(({ name }) => parameters.get(name)!);
  const gradients = differentiate(loss, [...weights, ...alsoBy]);
  addUpdates(
    graph,
    options,
    trained.map((spec, index) => ({ spec, weight: weights[index]!, gradient: gradients[index]! })),
  );
  return gradients.slice(weights.length);
}

/** The model as it is trained: without its dropout layers if dropout is off. */
export function trainedModel({ model, dropout }: StepOptions): ModelDescription {
  return dropout ? model : { ...model, layers: model.layers.filter(({ kind }) => kind !== "dropout") };
}

function inputImages(graph: Graph, options: StepOptions, batchSize: number): Value {
  const [channels, height, width] = options.model.inputShape;
  let images = loadImages(graph.input("images", "uint8", [batchSize, ...options.imageSize, channels]), height, width);
  if (options.recolour) images = recolourImages(images, graph.input("colours", "float32", [batchSize, 3, 4]));
  if (options.move) images = movedImages(images, graph.input("moves", "float32", [batchSize, 2, 3]), options.fill);
  return scaleRange(images);
}

/** -(1/n) sum over images of weight * sum over classes of target * ln(probability). */
function weightedCrossEntropy(logProbabilities: Value): Value {
  const { graph, shape } = logProbabilities;
  const batchSize = shape[0] as number;
  const targets = graph.input("targets", "float32", shape);
  const weights = graph.input("weights", "float32", [batchSize]);
  const terms = multiply(multiply(targets, reshape(weights, [batchSize, 1])), logProbabilities);
  return scale(reduceSum(terms, [0, 1]), -1 / batchSize);
}

interface TrainedParameters {
  readonly spec: ParameterSpec;
  readonly weight: Value;
  readonly gradient: Value;
}

function addUpdates(
  graph: Graph,
  { optimizer: name, weightDecay }: StepOptions,
  trained: readonly TrainedParameters[],
): void {
  const optimizer: Optimizer = OPTIMIZERS[name];
  const learningRate = graph.input("learningRate", "float32", []);
  const scalarNames = Object.keys(optimizer.scalars?.(0) ?? {});
  const scalars = Object.fromEntries(scalarNames.map((scalar) => [scalar, graph.input(scalar, "float32", [])]));
  for (const { spec, weight, gradient } of trained) {
    const state = optimizer.state.map((part) => graph.input(`${spec.name}/${part.name}`, "float32", spec.shape));
    const updated = optimizer.update({ weight, gradient, state, learningRate, scalars, weightDecay });
    graph.output(updatedName(spec.name), updated.weight);
    for (const [index, part] of optimizer.state.entries()) {
      graph.output(updatedName(`${spec.name}/${part.name}`), updated.state[index]!);
    }
  }
}
