/** Operations per channel, the second axis of [N, C, ...], for batch normalization. */
import type { Result, Value } from "../graph/graph.ts";
import { shapeText } from "../graph/shape.ts";

/**
 * (x - mean) / sqrt(variance + epsilon) * scale + offset, with the mean and the biased variance [C] of x itself, which
 * are also returned (Ioffe & Szegedy 2015). The gradient flows only through the first result.
 */
export function normalizeBatch(
  x: Value,
  affine: { scale: Value; offset: Value },
  epsilon: number,
): { normalized: Value; mean: Value; variance: Value } {
  const statistic: Result = { type: "float32", shape: [x.shape[1]!] };
  const results: Result[] = [{ type: "float32", shape: x.shape }, statistic, statistic];
  const outputs = x.graph.emit("NormalizeBatch", [x, affine.scale, affine.offset], results, { epsilon });
  return { normalized: outputs[0]!, mean: outputs[1]!, variance: outputs[2]! };
}

/** x * scale + offset, with scale and offset [C]. */
export function channelAffine(x: Value, scale: Value, offset: Value): Value {
  if (scale.shape[0] !== x.shape[1] || offset.shape[0] !== x.shape[1]) {
    throw new Error(`ChannelAffine: ${shapeText(scale.shape)} does not fit the channels of ${shapeText(x.shape)}.`);
  }
  return x.graph.emit("ChannelAffine", [x, scale, offset], [{ type: "float32", shape: x.shape }])[0]!;
}

/** The axes of [N, C, ...] except the channel. */
export function nonChannelAxes(x: Value): number[] {
  return x.shape.map((_, axis) => axis).filter((axis) => axis !== 1);
}

/** (x - mean) / sqrt(variance + epsilon) * scale + offset, with fixed statistics [C]. */
export function batchNormalization(
  x: Value,
  affine: { scale: Value; offset: Value },
  statistics: { mean: Value; variance: Value },
  epsilon: number,
): Value {
  const operands = [x, affine.scale, affine.offset, statistics.mean, statistics.variance];
  return x.graph.emit("BatchNormalization", operands, [{ type: "float32", shape: x.shape }], { epsilon })[0]!;
}
