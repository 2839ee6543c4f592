/**
 * CancerNet, exactly as in the tutorial by A. Rosebrock, PyImageSearch 2019: a small VGG with separable convolutions.
 */
import { UserError } from "../../util/errors.ts";
import type { ModelDescription } from "../nn/model.ts";
import { convolve, downsample, NORMALIZATION } from "./blocks.ts";

/** The size of a CancerNet: the parameters of the tutorial's `CancerNet.build(width, height, depth, classes)`. */
export interface CancerNetSize {
  /** Width and height of the network's input in pixels: 8 to 1,024 each. */
  readonly width: number;
  readonly height: number;
  /** Number of channels of an image, 1 to 64: 3 for RGB. */
  readonly depth: number;
  /** Number of classes, 2 to 1,000. */
  readonly classes: number;
}

/** Three poolings reduce 8 pixels to one, so 8 is the minimum. */
const LIMITS: Readonly<Record<keyof CancerNetSize, readonly [least: number, most: number]>> = {
  width: [8, 1024],
  height: [8, 1024],
  depth: [1, 64],
  classes: [2, 1000],
};

/**
 * The tutorial's CancerNet (Rosebrock, PyImageSearch 2019) for any image size, number of channels and number of
 * classes. Each of the three poolings halves width and height and drops an odd last row or column, as Keras does: 50
 * becomes 25, 12 and 6.
 * @throws UserError if a number is not whole or is out of range.
 */
export function buildCancerNet({ width, height, depth, classes }: CancerNetSize): ModelDescription {
  for (const [name, value] of Object.entries({ width, height, depth, classes })) {
    const [least, most] = LIMITS[name as keyof CancerNetSize];
    if (Number.isInteger(value) && value >= least && value <= most) continue;
    throw new UserError(
      "option-invalid",
      `buildCancerNet: ${name} is ${value}, expected a whole number from ${least} to ${most.toLocaleString("en-US")}.`,
    );
  }
  return {
    name: "cancernet",
    source: "Rosebrock, Breast cancer classification with Keras and Deep Learning, PyImageSearch 2019",
    inputShape: [depth, height, width],
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
      { kind: "dense", name: "dense2", units: classes },
    ],
  };
}

/** 1,235,133 parameters, 1,233,533 of them trainable; 11.7 million multiply-adds per patch. */
export const cancernet: ModelDescription = buildCancerNet({ width: 48, height: 48, depth: 3, classes: 2 });
