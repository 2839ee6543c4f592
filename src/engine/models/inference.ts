/** The model as others run it: raw images of any number and size in, the probability of the last class out. */
import { Graph, type Value } from "../graph/graph.ts";
import { sizeOf } from "../graph/shape.ts";
import { loadImages, scaleRange } from "../nn/input.ts";
import { type Arrays, applyModel, classesOf, type ModelDescription, parametersOf } from "../nn/model.ts";
import { multiply } from "../ops/arithmetic.ts";
import { softmax } from "../ops/classification.ts";
import { reduceSum } from "../ops/reduction.ts";

/** The names of the graph's input, uint8 RGB [batch, height, width, 3], and of its output, float32 [batch]. */
export const PATCHES = "patches";
export const PROBABILITY = "probability";

/**
 * The graph of a trained model, its arrays inside: scales the images to the model's size (nearest neighbour), brings
 * them to 0..1, and gives each one's probability of the last class.
 */
export function buildInferenceGraph(model: ModelDescription, arrays: Arrays): Graph {
  const graph = new Graph();
  const [channels, height, width] = model.inputShape;
  const patches = graph.input(PATCHES, "uint8", ["batch", "height", "width", channels]);
  const parameters = new Map<string, Value>();
  for (const { name, shape } of parametersOf(model)) {
    const array = arrays.get(name);
    if (array?.length !== sizeOf(shape)) throw new Error(`The array "${name}" is missing or has another size.`);
    parameters.set(name, graph.constant(array, shape, name));
  }
  const images = scaleRange(loadImages(patches, height, width));
  const logits = applyModel(model, images, { parameter: (name) => parameters.get(name)! });
  const lastClass = new Float32Array(classesOf(model));
  lastClass[lastClass.length - 1] = 1;
  const selected = multiply(softmax(logits), graph.constant(lastClass, [lastClass.length]));
  graph.output(PROBABILITY, reduceSum(selected, [1]));
  return graph;
}
