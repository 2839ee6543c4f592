/** Our own small model: CancerNet's blocks, one more size of plane, and global pooling instead of its wide dense layer. */
import type { Layer } from "../nn/layers.ts";
import type { ModelDescription } from "../nn/model.ts";

const NORMALIZATION = { kind: "batchNormalization", momentum: 0.99, epsilon: 1e-3 } as const;

function convolve(index: number, filters: number): Layer[] {
  return [
    { kind: "separableConvolution", name: `conv${index}`, filters, kernelSize: 3 },
    { kind: "relu" },
    { ...NORMALIZATION, name: `norm${index}` },
  ];
}

function downsample(index: number): Layer[] {
  return [
    { kind: "maxPool", size: 2 },
    { kind: "dropout", name: `dropout${index}`, rate: 0.125 },
  ];
}

export const compact: ModelDescription = {
  name: "compact",
  source: "cancernet; global average pooling as in Lin et al., Network in network, ICLR 2014",
  inputShape: [3, 48, 48],
  layers: [
    ...convolve(1, 32),
    ...downsample(1),
    ...convolve(2, 64),
    ...convolve(3, 64),
    ...downsample(2),
    ...convolve(4, 128),
    ...convolve(5, 128),
    ...downsample(3),
    ...convolve(6, 256),
    ...convolve(7, 256),
    ...downsample(4),
    { kind: "globalAveragePool" },
    { kind: "dropout", name: "dropout5", rate: 0.25 },
    { kind: "dense", name: "dense1", units: 2 },
  ],
};
