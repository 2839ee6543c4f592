/** Grad-CAM (Selvaraju et al. 2017) as a graph: where feature maps of a convolution raise the logit; drawing is left to others. */
import { differentiate } from "../gradient/differentiate.ts";
import { Graph } from "../graph/graph.ts";
import { constantParameters, LOGIT, logitOf, PATCHES } from "../models/inference.ts";
import { loadImages, scaleRange } from "../nn/input.ts";
import { type Arrays, applyLayers, layerShapes, type ModelDescription } from "../nn/model.ts";
import { multiply } from "../ops/arithmetic.ts";
import { reduceMean, reduceSum } from "../ops/reduction.ts";

/** The names of the graph's outputs besides the logit [n]: float32 [n, channels, height, width] twice, and [n, height, width]. */
export const FEATURES = "features";
/** The gradient of each image's logit by its feature maps. */
export const GRADIENT = "gradient";
/** Sum over the channels of the gradient's mean over the places, times the feature map: Grad-CAM is its positive part. */
export const MAP = "map";

/** A convolution whose feature maps can be looked at, and how large they are. */
export interface FeatureLayer {
  readonly name: string;
  /** Places a side. */
  readonly height: number;
  readonly width: number;
  /** How many of the model's layers lead to the feature maps: up to the convolution, and its rectifier if it has one. */
  readonly depth: number;
}

/** The model's convolutions from the first to the last. A map is taken behind the rectifier, so that 0 means "not found here". */
export function featureLayers(model: ModelDescription): FeatureLayer[] {
  const shapes = layerShapes(model);
  return model.layers.flatMap((layer, index) => {
    if (layer.kind !== "separableConvolution") return [];
    const [, height, width] = shapes[index] as [number, number, number];
    const rectified = model.layers[index + 1]?.kind === "relu";
    return [{ name: layer.name, height, width, depth: index + (rectified ? 2 : 1) }];
  });
}

/**
 * The graph that explains `count` images, uint8 RGB [count, height, width, 3] of any size: each for itself, in inference form.
 * @throws Error if an array of the model is missing or has another size.
 */
export function buildGradCamGraph(
  { model, arrays }: { readonly model: ModelDescription; readonly arrays: Arrays },
  { depth }: Pick<FeatureLayer, "depth">,
  count: number,
): Graph {
  const graph = new Graph();
  const [channels, height, width] = model.inputShape;
  const context = constantParameters(graph, model, arrays);
  const images = scaleRange(
    loadImages(graph.input(PATCHES, "uint8", [count, "height", "width", channels]), height, width),
  );
  const features = applyLayers(model.layers.slice(0, depth), images, context);
  const logit = logitOf(applyLayers(model.layers.slice(depth), features, context));
  // An image's logit depends on its own features alone, so that the gradient of the sum is that of each.
  const [gradient] = differentiate(reduceSum(logit, [0]), [features]);
  const weights = reduceMean(gradient!, [2, 3], true);
  graph.output(LOGIT, logit);
  graph.output(FEATURES, features);
  graph.output(GRADIENT, gradient!);
  graph.output(MAP, reduceSum(multiply(weights, features), [1]));
  return graph;
}
