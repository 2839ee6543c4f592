/** Probabilities over the last axis. */
import type { Value } from "../graph/graph.ts";

/** exp(x) / sum of exp(x) over the last axis. */
export function softmax(x: Value): Value {
  return x.graph.emit("Softmax", [x], [{ type: x.type, shape: x.shape }], { axis: -1 })[0]!;
}

/** The logarithm of softmax, computed without overflow. */
export function logSoftmax(x: Value): Value {
  return x.graph.emit("LogSoftmax", [x], [{ type: x.type, shape: x.shape }], { axis: -1 })[0]!;
}
