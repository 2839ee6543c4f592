/**
 * Our own small model: CancerNet's blocks with a fourth pooling, and global average pooling instead of the wide dense
 * layer.
 */
import type { ModelDescription } from "../nn/model.ts";
import { convolve, downsample } from "./blocks.ts";

/**
 * The model for RGB images of `side` x `side` pixels and two classes. `side` must be at least 16, because of its four
 * poolings.
 */
export function buildCompact(side: number): ModelDescription {
  return {
    name: "compact",
    source: "cancernet; global average pooling as in Lin et al., Network in network, ICLR 2014",
    inputShape: [3, side, side],
    layers: [
      ...convolve(1, 32),
      ...downsample(1, 0.125),
      ...convolve(2, 64),
      ...convolve(3, 64),
      ...downsample(2, 0.125),
      ...convolve(4, 128),
      ...convolve(5, 128),
      ...downsample(3, 0.125),
      ...convolve(6, 256),
      ...convolve(7, 256),
      ...downsample(4, 0.125),
      { kind: "globalAveragePool" },
      { kind: "dropout", name: "dropout5", rate: 0.25 },
      { kind: "dense", name: "dense1", units: 2 },
    ],
  };
}

export const compact: ModelDescription = buildCompact(48);
