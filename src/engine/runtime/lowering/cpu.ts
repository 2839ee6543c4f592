/** What is lowered for the CPU alone, beside lowering/common.ts; each the quickest way that was measured there. */
import type { Value } from "../../graph/graph.ts";
import { scale } from "../../ops/arithmetic.ts";
import { matMul } from "../../ops/linear.ts";
import { reduceSum } from "../../ops/reduction.ts";
import { reshape, transpose } from "../../ops/shaping.ts";
import { COMMON_LOWERING } from "./common.ts";
import type { LoweringTable } from "./lower.ts";

/** Up to 128 terms of a matrix product ONNX Runtime always adds up in one go. */
const PRODUCT_TERMS = 64;
/** With more columns than these, each of up to 32 threads gets so many that it adds up as many terms as one would. */
const WIDE = 4096;

export const CPU_LOWERING: LoweringTable = {
  ...COMMON_LOWERING,
  MatMul: ([a, b]) => splitLongProduct(a!, b!),
  NormalizeBatch: ([x, slope, offset], node) => {
    // ONNX Runtime writes the batch's statistics over these two inputs, and merges equal constants of up to 8 elements
    // (onnxruntime#29790): as constants they would change others, so they are computed again in each run.
    const statistics = [scale(offset!, 0), scale(slope!, 0)];
    const attributes = { epsilon: node.attributes.epsilon!, momentum: 0, training_mode: 1 };
    return x!.graph.emit("BatchNormalization", [x, slope, offset, ...statistics], node.outputs, attributes);
  },
};

/**
 * a [M, K] times b [K, N] as a sum of products of 64 terms each, if K is a multiple of 64 above 128. With N above M, ONNX
 * Runtime gives each thread some of the columns, and how many terms it adds up at once depends on how many these are: the
 * result would depend on the threads. Constants are packed beforehand, always in the same way.
 */
function splitLongProduct(a: Value, b: Value): Value[] | undefined {
  const lengths = [...a.shape, ...b.shape].filter((length) => typeof length === "number");
  if (lengths.length !== 4 || a.shape.length !== 2 || b.shape.length !== 2) return undefined;
  if (a.graph.constants.has(b)) return undefined;
  const [rows, terms, , columns] = lengths as [number, number, number, number];
  const parts = terms / PRODUCT_TERMS;
  if (columns <= rows || columns > WIDE || parts <= 2 || !Number.isInteger(parts)) return undefined;
  const left = transpose(reshape(a, [rows, parts, PRODUCT_TERMS]), [1, 0, 2]);
  return [reduceSum(matMul(left, reshape(b, [parts, PRODUCT_TERMS, columns])), [0])];
}
