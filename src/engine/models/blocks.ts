/** The building blocks of CancerNet and similar models. */
import type { Layer } from "../nn/layers.ts";

/** The settings of the tutorial (Rosebrock, PyImageSearch 2019). */
export const NORMALIZATION = { kind: "batchNormalization", momentum: 0.99, epsilon: 1e-3 } as const;

/** Separable 3x3 convolution, ReLU, batch normalization; ReLU comes first, as in the tutorial. */
export function convolve(index: number, filters: number): Layer[] {
  return [
    { kind: "separableConvolution", name: `conv${index}`, filters, kernelSize: 3 },
    { kind: "relu" },
    { ...NORMALIZATION, name: `norm${index}` },
  ];
}

/** 2x2 max pooling, which halves the size, followed by dropout. */
export function downsample(index: number, dropoutRate: number): Layer[] {
  return [
    { kind: "maxPool", size: 2 },
    { kind: "dropout", name: `dropout${index}`, rate: dropoutRate },
  ];
}
