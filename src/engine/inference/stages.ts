/** Groups a model's layers into stages, each of which the kernels compute in one or two passes. */
import type { Layer } from "../nn/layers.ts";

type LayerOf<K extends Layer["kind"]> = Extract<Layer, { kind: K }>;

/** A stage: a layer, with what follows a layer that has weights. */
export type Stage =
  | {
      readonly kind: "weights";
      readonly layer: LayerOf<"separableConvolution"> | LayerOf<"dense">;
      readonly relu: boolean;
      readonly normalization: LayerOf<"batchNormalization"> | undefined;
      /** Whether only the maximum of each 2x2 window of pixels is kept. */
      readonly pooled: boolean;
    }
  | { readonly kind: "globalAveragePool" }
  | { readonly kind: "flatten" };

/**
 * The stages of a model without dropout, which does nothing in inference.
 * @throws Error if the layers are in an order, or have a size, for which there are no kernels
 */
export function stagesOf(layers: readonly Layer[]): Stage[] {
  const rest = layers.filter(({ kind }) => kind !== "dropout");
  const stages: Stage[] = [];
  for (let place = 0; place < rest.length; place++) {
    const layer = rest[place]!;
    if (layer.kind === "separableConvolution" || layer.kind === "dense") {
      if (layer.kind === "separableConvolution" && layer.kernelSize !== 3) throw unsupported(layer);
      const relu = rest[place + 1]?.kind === "relu";
      if (relu) place++;
      const next = rest[place + 1];
      const normalization = next?.kind === "batchNormalization" ? next : undefined;
      if (normalization) place++;
      const pooling = rest[place + 1];
      const pooled = layer.kind === "separableConvolution" && pooling?.kind === "maxPool" && pooling.size === 2;
      if (pooled) place++;
      stages.push({ kind: "weights", layer, relu, normalization, pooled });
      continue;
    }
    if (layer.kind !== "globalAveragePool" && layer.kind !== "flatten") throw unsupported(layer);
    stages.push({ kind: layer.kind });
  }
  return stages;
}

const unsupported = ({ kind }: Layer) =>
  new Error(`There is no kernel for the layer ${kind} at its place in the model.`);
