/** Batch normalization between the kernels: from sums by image to the numbers of each channel, in double precision. */
import type { BlockExchange } from "./exchange.ts";
import type { Block } from "./plan.ts";

/** Adds sums by image, [image][channel][2], in image order: [channel][2]. */
function addImages(sums: Float64Array, images: number, channels: number): Float64Array {
  const totals = new Float64Array(channels * 2);
  for (let image = 0; image < images; image++) {
    for (let place = 0; place < totals.length; place++) totals[place]! += sums[image * totals.length + place]!;
  }
  return totals;
}

/** The mean and the biased variance of each channel over a batch: [channel][2]. */
export function batchStatistics(
  moments: Float64Array,
  { images, channels, pixels }: { images: number; channels: number; pixels: number },
): Float64Array {
  const totals = addImages(moments, images, channels);
  const count = images * pixels;
  for (let channel = 0; channel < channels; channel++) {
    const mean = totals[channel * 2]! / count;
    totals[channel * 2 + 1] = Math.max(0, totals[channel * 2 + 1]! / count - mean * mean);
    totals[channel * 2] = mean;
  }
  return totals;
}

/**
 * What the gradient of the normalization needs by channel: the gradient of its input is a * g + b * x + offset, see
 * normalizeBatchGradient in gradient/rules.ts. One worker also writes the gradients of scale and offset.
 */
export function normalizationBackward(
  block: Block,
  shared: BlockExchange,
  into: { images: number; a: Float32Array; b: Float32Array; offset: Float32Array; writesGradients: boolean },
): void {
  const channels = block.convolution.filters;
  const totals = addImages(shared.backwardMoments, into.images, channels);
  const count = into.images * block.height * block.width;
  for (let channel = 0; channel < channels; channel++) {
    const [mean, variance] = [shared.statistics[channel * 2]!, shared.statistics[channel * 2 + 1]!];
    const [byOffset, byProduct] = [totals[channel * 2]!, totals[channel * 2 + 1]!];
    const spread = Math.sqrt(variance + block.normalization.epsilon);
    const byScale = (byProduct - mean * byOffset) / spread;
    const slope = shared.weights.scale[channel]! / spread;
    const slopeOfInput = (-slope * byScale) / (spread * count);
    into.a[channel] = slope;
    into.b[channel] = slopeOfInput;
    into.offset[channel] = (-slope * byOffset) / count - slopeOfInput * mean;
    if (into.writesGradients) {
      shared.gradients.scale[channel] = byScale;
      shared.gradients.offset[channel] = byOffset;
    }
  }
}
