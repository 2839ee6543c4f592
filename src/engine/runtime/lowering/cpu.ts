/** The lowerings for the CPU only, in addition to lowering/common.ts. Each is the fastest variant that was measured. */
import type { Value } from "../../graph/graph.ts";
import { scale } from "../../ops/arithmetic.ts";
import { matMul } from "../../ops/linear.ts";
import { reduceSum } from "../../ops/reduction.ts";
import { reshape, transpose } from "../../ops/shaping.ts";
import { COMMON_LOWERING } from "./common.ts";
import type { LoweringTable } from "./lower.ts";

/** Terms per product. ONNX Runtime always sums up to 128 terms of a matrix product in one pass. */
const PRODUCT_TERMS = 64;
/**
 * With more columns than this, each of up to 32 threads gets so many columns that it sums as many terms in one pass as
 * a single thread would.
 */
const WIDE = 4096;

export const CPU_LOWERING: LoweringTable = {
  ...COMMON_LOWERING,
  MatMul: ([a, b]) => splitLongProduct(a!, b!),
  NormalizeBatch: ([x, slope, offset], node) => {
    // ONNX Runtime overwrites these two inputs with the batch's statistics, and merges equal constants of up to 8
    // elements (onnxruntime#29790). If the inputs were constants, other constants would change too. They are therefore
    // computed in each run.
    const statistics = [scale(offset!, 0), scale(slope!, 0)];
    const attributes = { epsilon: node.attributes.epsilon!, momentum: 0, training_mode: 1 };
    return x!.graph.emit("BatchNormalization", [x, slope, offset, ...statistics], node.outputs, attributes);
  },
};

/**
 * a [M, K] times b [K, N] as a sum of products of 64 terms each, if K is a multiple of 64 above 128. With N above M,
 * ONNX Runtime divides the columns among the threads. The number of terms that it sums in one pass depends on the
 * number of columns per thread, so the result would depend on the threads. Constants are packed in advance, always in
 * the same way.
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
