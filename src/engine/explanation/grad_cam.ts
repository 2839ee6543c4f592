/**
 * Grad-CAM (Selvaraju et al. 2017) as a graph: shows where the feature maps of a convolution raise the logit. It draws
 * nothing.
 */
import { differentiate } from "../gradient/differentiate.ts";
import { Graph } from "../graph/graph.ts";
import { constantParameters, LOGIT, logitOf, PATCHES } from "../models/inference.ts";
import { loadImages, scaleRange } from "../nn/input.ts";
import { type Arrays, applyLayers, type ModelDescription } from "../nn/model.ts";
import { multiply } from "../ops/arithmetic.ts";
import { reduceMean, reduceSum } from "../ops/reduction.ts";
import type { FeatureLayer } from "./feature_layers.ts";

/** Output: the feature maps, float32 [n, channels, height, width]. The graph also outputs the logit, float32 [n]. */
export const FEATURES = "features";
/**
 * Output: the gradient of each image's logit with respect to its feature maps, float32 [n, channels, height, width].
 */
export const GRADIENT = "gradient";
/**
 * Output: the sum over the channels of (spatial mean of the gradient * feature map), float32 [n, height, width]. Its
 * positive part is the Grad-CAM.
 */
export const MAP = "map";

/**
 * Builds the graph that explains `count` images, uint8 RGB [count, height, width, 3] of any size. Each image is
 * explained independently, with the model in inference mode.
 * @throws Error if an array of the model is missing or has a different size.
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
  // An image's logit depends only on its own features, so the gradient of the sum contains the gradient of each logit.
  const [gradient] = differentiate(reduceSum(logit, [0]), [features]);
  const weights = reduceMean(gradient!, [2, 3], true);
  graph.output(LOGIT, logit);
  graph.output(FEATURES, features);
  graph.output(GRADIENT, gradient!);
  graph.output(MAP, reduceSum(multiply(weights, features), [1]));
  return graph;
}
