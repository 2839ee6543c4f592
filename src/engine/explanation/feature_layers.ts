/** The convolutions of a model whose feature maps can be explained. */
import { layerShapes, type ModelDescription } from "../nn/model.ts";

/** A convolution whose feature maps can be explained, and the size of these maps. */
export interface FeatureLayer {
  readonly name: string;
  /** Height and width of a feature map, in elements. */
  readonly height: number;
  readonly width: number;
  /** The number of the model's layers up to the feature maps: up to the convolution, plus its ReLU if it has one. */
  readonly depth: number;
}

/**
 * The model's convolutions, first to last. If a ReLU follows a convolution, the maps are its output, so 0 means "not
 * found here".
 */
export function featureLayers(model: ModelDescription): FeatureLayer[] {
  const shapes = layerShapes(model);
  return model.layers.flatMap((layer, index) => {
    if (layer.kind !== "separableConvolution") return [];
    const [, height, width] = shapes[index] as [number, number, number];
    const rectified = model.layers[index + 1]?.kind === "relu";
    return [{ name: layer.name, height, width, depth: index + (rectified ? 2 : 1) }];
  });
}

/** In coarser maps one cell would cover most of a gland. */
const FEWEST_PLACES = 12;

/** The layer that is explained if none is named: the last convolution with at least 12 cells per side, or the last one. */
export function defaultFeatureLayer(model: ModelDescription): FeatureLayer | undefined {
  const layers = featureLayers(model);
  return layers.findLast(({ width }) => width >= FEWEST_PLACES) ?? layers.at(-1);
}
