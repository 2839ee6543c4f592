/** The sizes of CancerNet that the tests try: even and odd planes, not square, other channels, more classes. */
import type { CancerNetSize } from "../../../src/engine/models/cancernet.ts";

export const SIZES: readonly CancerNetSize[] = [
  { width: 48, height: 48, depth: 3, classes: 2 },
  { width: 50, height: 50, depth: 3, classes: 3 },
  { width: 37, height: 26, depth: 1, classes: 5 },
  { width: 8, height: 9, depth: 4, classes: 3 },
];

/**
 * The parameters of CancerNet by the formulas of Keras's layers: a separable convolution has 9 * inputs + inputs * filters + filters, a
 * normalization 4 per channel, a dense layer inputs * units + units.
 */
export function parameterCount({ width, height, depth, classes }: CancerNetSize): number {
  const block = (inputs: number, filters: number) => 9 * inputs + inputs * filters + filters + 4 * filters;
  const halved = (side: number) => Math.floor(Math.floor(Math.floor(side / 2) / 2) / 2);
  const features = 128 * halved(width) * halved(height);
  const blocks = block(depth, 32) + block(32, 64) + block(64, 64) + block(64, 128) + 2 * block(128, 128);
  return blocks + features * 256 + 256 + 4 * 256 + 256 * classes + classes;
}
