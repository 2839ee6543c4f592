/**
 * Our own small model: CancerNet's blocks with a fourth pooling, and global average pooling instead of the wide dense
 * layer.
 */
import type { Layer } from "../nn/layers.ts";
import type { ModelDescription } from "../nn/model.ts";
import { convolve, downsample } from "./blocks.ts";

/** The numbers of filters of the seven convolutions. */
export type Filters = readonly [number, number, number, number, number, number, number];

/** The layers of compact and of slim, which differ in their numbers of filters, for two classes. */
export function compactLayers([first, second, third, fourth, fifth, sixth, seventh]: Filters): Layer[] {
  return [
    ...convolve(1, first),
    ...downsample(1, 0.125),
    ...convolve(2, second),
    ...convolve(3, third),
    ...downsample(2, 0.125),
    ...convolve(4, fourth),
    ...convolve(5, fifth),
    ...downsample(3, 0.125),
    ...convolve(6, sixth),
    ...convolve(7, seventh),
    ...downsample(4, 0.125),
    { kind: "globalAveragePool" },
    { kind: "dropout", name: "dropout5", rate: 0.25 },
    { kind: "dense", name: "dense1", units: 2 },
  ];
}

/**
 * The model for RGB images of `side` x `side` pixels and two classes. `side` must be at least 16, because of its four
 * poolings.
 */
export function buildCompact(side: number): ModelDescription {
  return {
    name: "compact",
    source: "cancernet; global average pooling as in Lin et al., Network in network, ICLR 2014",
    inputShape: [3, side, side],
    layers: compactLayers([32, 64, 64, 128, 128, 256, 256]),
  };
}

export const compact: ModelDescription = buildCompact(48);
