/** The model as others run it: raw images of any number and size in, the probability of the last class out. */
import { Graph, type Value } from "../graph/graph.ts";
import { sizeOf } from "../graph/shape.ts";
import { loadImages, scaleRange } from "../nn/input.ts";
import { type Arrays, applyModel, classesOf, type ModelDescription, parametersOf } from "../nn/model.ts";
import { add, multiply, scale } from "../ops/arithmetic.ts";
import { softmax } from "../ops/classification.ts";
import { reduceSum } from "../ops/reduction.ts";
import { reverse, transpose } from "../ops/shaping.ts";

/** The names of the graph's input, uint8 RGB [batch, height, width, 3], and of its output, float32 [batch]. */
export const PATCHES = "patches";
export const PROBABILITY = "probability";

/** The name of the graph's constant [1] by which the logits are multiplied: 1 / temperature (Guo et al. 2017). */
export const INVERSE_TEMPERATURE = "inverse_temperature";

/** A model with its arrays, and how it is to be used. */
export interface TrainedModel {
  readonly model: ModelDescription;
  readonly arrays: Arrays;
  /** Over how many of the eight views of a square - as it is, flipped, turned - the logits are averaged; 1 unless given. */
  readonly views?: number;
}

/**
 * The graph of a trained model, its arrays inside: scales the images to the model's size (nearest neighbour), brings
 * them to 0..1, and gives each one's probability of the last class.
 */
export function buildInferenceGraph({ model, arrays, views = 1 }: TrainedModel): Graph {
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
  const each = viewsOf(images, views).map((view) =>
    applyModel(model, view, { parameter: (name) => parameters.get(name)! }),
  );
  const inverseTemperature = graph.constant(Float32Array.of(1), [1], INVERSE_TEMPERATURE);
  const logits = multiply(mean(each), inverseTemperature);
  const lastClass = new Float32Array(classesOf(model));
  lastClass[lastClass.length - 1] = 1;
  const selected = multiply(softmax(logits), graph.constant(lastClass, [lastClass.length]));
  graph.output(PROBABILITY, reduceSum(selected, [1]));
  return graph;
}

/** The first `count` of the eight views of square images [N, C, H, W]: each flip of it, and each flip of its transpose. */
function viewsOf(images: Value, count: number): Value[] {
  return [images, transpose(images, [0, 1, 3, 2])]
    .flatMap((one) => [one, reverse(one, 3)])
    .flatMap((one) => [one, reverse(one, 2)])
    .slice(0, count);
}

function mean(values: readonly Value[]): Value {
  return values.length === 1 ? values[0]! : scale(values.reduce(add), 1 / values.length);
}
