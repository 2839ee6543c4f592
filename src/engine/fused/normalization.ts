/**
 * Batch normalization between kernel calls: computes per-channel coefficients from per-image sums, in double precision.
 */
import type { Block } from "./plan.ts";

/** Adds per-image sums [image][channel][2] in image order. Returns [channel][2]. */
function addImages(sums: Float64Array, images: number, channels: number): Float64Array {
  const totals = new Float64Array(channels * 2);
  for (let image = 0; image < images; image++) {
    for (let place = 0; place < totals.length; place++) totals[place]! += sums[image * totals.length + place]!;
  }
  return totals;
}

/** The mean and the biased variance of each channel over a batch, [channel][2]. */
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

/** Writes the normalization as slope * x + offset, per channel. */
export function normalizationOf(
  { normalization: { epsilon } }: Block,
  { statistics, scale, offset }: { statistics: Float64Array; scale: Float32Array; offset: Float32Array },
  into: { slope: Float32Array; offset: Float32Array },
): void {
  for (let channel = 0; channel < scale.length; channel++) {
    const slope = scale[channel]! / Math.sqrt(statistics[channel * 2 + 1]! + epsilon);
    into.slope[channel] = slope;
    into.offset[channel] = offset[channel]! - statistics[channel * 2]! * into.slope[channel]!;
  }
}

/**
 * Writes the per-channel coefficients of the normalization's gradient. The gradient of its input is a * g + b * x +
 * offset, see normalizeBatchGradient in gradient/rules.ts.
 * @returns the gradients of scale and offset, [channel] each
 */
export function normalizationBackward(
  block: Block,
  from: { moments: Float64Array; statistics: Float64Array; scale: Float32Array; images: number },
  into: { a: Float32Array; b: Float32Array; offset: Float32Array },
): { scale: Float32Array; offset: Float32Array } {
  const channels = block.convolution.filters;
  const totals = addImages(from.moments, from.images, channels);
  const count = from.images * block.height * block.width;
  const gradients = { scale: new Float32Array(channels), offset: new Float32Array(channels) };
  for (let channel = 0; channel < channels; channel++) {
    const [mean, variance] = [from.statistics[channel * 2]!, from.statistics[channel * 2 + 1]!];
    const [byOffset, byProduct] = [totals[channel * 2]!, totals[channel * 2 + 1]!];
    const spread = Math.sqrt(variance + block.normalization.epsilon);
    const byScale = (byProduct - mean * byOffset) / spread;
    const slope = from.scale[channel]! / spread;
    const slopeOfInput = (-slope * byScale) / (spread * count);
    into.a[channel] = slope;
    into.b[channel] = slopeOfInput;
    into.offset[channel] = (-slope * byOffset) / count - slopeOfInput * mean;
    gradients.scale[channel] = byScale;
    gradients.offset[channel] = byOffset;
  }
  return gradients;
}
