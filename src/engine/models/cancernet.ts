/** CancerNet, exactly as in the tutorial by A. Rosebrock, PyImageSearch 2019: a small VGG of separable convolutions. */
import type { ModelDescription } from "../nn/model.ts";
import { convolve, downsample, NORMALIZATION } from "./blocks.ts";

/** 1,235,133 parameters, 1,233,533 of them trainable; 11.7 million multiply-adds a patch. */
export const cancernet: ModelDescription = {
  name: "cancernet",
  source: "Rosebrock, Breast cancer classification with Keras and Deep Learning, PyImageSearch 2019",
  inputShape: [3, 48, 48],
  layers: [
    ...convolve(1, 32),
    ...downsample(1, 0.25),
    ...convolve(2, 64),
    ...convolve(3, 64),
    ...downsample(2, 0.25),
    ...convolve(4, 128),
    ...convolve(5, 128),
    ...convolve(6, 128),
    ...downsample(3, 0.25),
    { kind: "flatten" },
    { kind: "dense", name: "dense1", units: 256 },
    { kind: "relu" },
    { ...NORMALIZATION, name: "norm7" },
    { kind: "dropout", name: "dropout4", rate: 0.5 },
    { kind: "dense", name: "dense2", units: 2 },
  ],
};
