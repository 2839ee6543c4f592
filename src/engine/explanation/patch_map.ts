/**
 * Grad-CAM of single patches with our own inference, in Node and in a browser: the numbers of the graph in grad_cam.ts,
 * up to rounding. The kernels compute the feature maps, and plain arithmetic the layers behind them.
 */
import type { CompiledModule } from "../../util/web_assembly.ts";
import { openFeatureMaps } from "../inference/feature_maps.ts";
import type { ForwardModel } from "../inference/forward.ts";
import { LOGIT_SCALE } from "../models/inference.ts";
import { viewsOfSquare } from "../models/views.ts";
import { defaultFeatureLayer } from "./feature_layers.ts";
import { logitAndGradient } from "./plain_layers.ts";

/** In log odds, for each cell of a patch: positive values are evidence for the positive class, negative ones against it. */
export interface PatchMap {
  /** The explained convolution. */
  readonly layer: string;
  readonly height: number;
  readonly width: number;
  readonly values: Float64Array;
}

/**
 * Prepares the maps of a model's default layer.
 * @param side pixels per side of the images, uint8 RGB [side][side][3]
 */
export function openPatchMap(
  module: CompiledModule,
  { model, arrays, views }: ForwardModel,
  side: number,
): (image: Uint8Array) => PatchMap {
  const { name, height, width, depth } = defaultFeatureLayer(model)!;
  const part = { model, arrays, depth };
  const featuresOf = openFeatureMaps(module, part, side);
  const scale = arrays.get(LOGIT_SCALE)![0]!;
  const places = viewsOfSquare(width, views);
  return (image) => {
    const values = new Float64Array(height * width);
    for (const [view, turned] of places.entries()) {
      const features = featuresOf(image, view);
      const map = weightedSum(features, logitAndGradient(part, features).gradient, values.length);
      for (const [index, place] of turned.entries()) values[place]! += (scale * map[index]!) / views;
    }
    return { layer: name, height, width, values };
  };
}

/** The sum of the feature maps, each times the mean of its gradient. */
function weightedSum(features: Float64Array, gradient: Float64Array, pixels: number): Float64Array {
  const map = new Float64Array(pixels);
  for (let start = 0; start < features.length; start += pixels) {
    const weight = gradient.subarray(start, start + pixels).reduce((sum, value) => sum + value, 0) / pixels;
    for (let p = 0; p < pixels; p++) map[p]! += weight * features[start + p]!;
  }
  return map;
}
