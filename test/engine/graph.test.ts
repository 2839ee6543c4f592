/** The graph itself: names, text, what it refuses, pruning, and its way to ONNX bytes and back. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { differentiate } from "../../src/engine/gradient/differentiate.ts";
import { Graph, type Value } from "../../src/engine/graph/graph.ts";
import { toOnnx } from "../../src/engine/graph/onnx.ts";
import { onnxMetadata } from "../../src/engine/graph/read_onnx.ts";
import { add, multiply, relu, scale, shift, subtract } from "../../src/engine/ops/arithmetic.ts";
import { matMul } from "../../src/engine/ops/linear.ts";
import { reduceSum } from "../../src/engine/ops/reduction.ts";
import { lowerForCpu } from "../../src/engine/runtime/devices.ts";
import { prune } from "../../src/engine/runtime/lowering/lower.ts";
import { openGraph } from "../../src/engine/runtime/node/session.ts";
import type { Tensors } from "../../src/engine/runtime/session.ts";
import { tensor } from "./running.ts";

/** loss = sum(relu(x w)) with its gradient by w. */
function differentiated(): Graph {
  const graph = new Graph();
  const x = graph.input("x", "float32", [2, 3]);
  const w = graph.input("w", "float32", [3, 1]);
  const loss = reduceSum(relu(matMul(x, w)), [0, 1]);
  graph.output("loss", loss);
  graph.output("gradient", differentiate(loss, [w])[0]!);
  return graph;
}

test("a differentiated graph as text", () => {
  assert.equal(
    differentiated().toString(),
    `input x: float32[2, 3]
input w: float32[3, 1]
matmul: float32[2, 1] = MatMul(x, w)
relu: float32[2, 1] = Relu(matmul)
reducesum: float32[] = ReduceSum(relu, integers keepdims=0)
reshape: float32[1, 1] = Reshape(scalar, integers_1)
expand: float32[2, 1] = Expand(reshape, integers_2)
relugradient: float32[2, 1] = ReluGradient(expand, relu)
transpose: float32[3, 2] = Transpose(x perm=1,0)
matmul_1: float32[3, 1] = MatMul(transpose, relugradient)
output loss = reducesum
output gradient = matmul_1`,
  );
});

test("the same graph, lowered for the CPU, holds only ONNX operations and gives the same text twice", () => {
  const lowered = lowerForCpu(differentiated()).toString();
  assert.match(lowered, /^hardsigmoid: float32\[2, 1\] = HardSigmoid\(relu alpha=1e\+30 beta=0\)$/m);
  assert.doesNotMatch(lowered, /ReluGradient/);
  assert.equal(lowerForCpu(differentiated()).toString(), lowered);
});

test("an operation that is not ONNX's is refused until the graph is lowered", () => {
  assert.throws(() => toOnnx(differentiated()), {
    message: "ReluGradient is not an ONNX operation: lower the graph before writing it.",
  });
});

test("a value of another graph is refused", () => {
  const [one, other] = [new Graph(), new Graph()];
  const a = one.input("a", "float32", [2]);
  const b = other.input("b", "float32", [2]);
  assert.throws(() => add(a, b), { message: 'Add: the value "b" belongs to another graph.' });
});

test("equal names get suffixes, but inputs and outputs must have their own", () => {
  const graph = new Graph();
  const x = graph.input("x", "float32", [2]);
  const names = [relu(x), relu(x), relu(x), graph.constant(Float32Array.of(1), [1], "x")].map(({ name }) => name);
  assert.deepEqual(names, ["relu", "relu_1", "relu_2", "x_1"]);
  assert.throws(() => graph.input("x", "float32", [2]), { message: 'The graph already has a value "x".' });
  graph.output("y", x);
  assert.throws(() => graph.output("y", x), { message: 'The graph already has an output "y".' });
});

test("the graph knows what made a value", () => {
  const graph = new Graph();
  const x = graph.input("x", "float32", [2]);
  const y = relu(x);
  assert.equal(graph.producer(x), undefined);
  assert.equal(graph.producer(y), graph.nodes[0]);
  assert.deepEqual(graph.producer(y)!.inputs, [x]);
});

async function run(outputs: (graph: Graph, x: Value) => Record<string, Value>): Promise<Record<string, number[]>> {
  const graph = new Graph();
  const values = outputs(graph, graph.input("x", "float32", [2]));
  for (const [name, value] of Object.entries(values)) graph.output(name, value);
  const session = await openGraph(graph, { threads: 1 });
  const feeds: Tensors = { x: tensor([2], [3, -4]) };
  const results = await session.run(feeds);
  await session.close();
  return Object.fromEntries(Object.entries(results).map(([name, { data }]) => [name, Array.from(data, Number)]));
}

test("a value may be an output twice, and an input or a constant may be an output", async () => {
  const results = await run((graph, x) => {
    const y = relu(x);
    return { first: y, second: y, further: shift(y, 1), same: x, fixed: graph.constant(Float32Array.of(7), [1]) };
  });
  assert.deepEqual(results, { first: [3, 0], second: [3, 0], further: [4, 1], same: [3, -4], fixed: [7] });
});

test("an output may have the name that another value has inside", async () => {
  // The first node is called "add" inside and is the output "sub"; the second is "sub" and is the output "add".
  const results = await run((_, x) => {
    const sum = add(x, x);
    return { add: subtract(sum, scale(x, 3)), sub: sum, relu: scale(relu(sum), 2), constant: relu(relu(sum)) };
  });
  assert.deepEqual(results, { add: [-3, 4], sub: [6, -8], relu: [12, 0], constant: [6, 0] });
});

test("pruning removes what no output needs, and keeps every input", () => {
  const graph = new Graph();
  const x = graph.input("x", "float32", [2]);
  graph.input("idle", "float32", [3]);
  const used = graph.constant(Float32Array.of(2), [1], "used");
  multiply(relu(x), graph.constant(Float32Array.of(5), [1], "useless"));
  graph.output("y", multiply(x, used));
  const pruned = prune(graph);
  assert.equal(
    pruned.toString(),
    `input x: float32[2]
input idle: float32[3]
mul: float32[2] = Mul(x, used)
output y = mul`,
  );
  assert.deepEqual(
    [...pruned.constants.keys()].map(({ name }) => name),
    ["used"],
  );
  assert.equal(graph.nodes.length, 3, "the graph itself stays as it is");
});

test("metadata comes back from the bytes", () => {
  const graph = lowerForCpu(differentiated());
  const metadata = { "class names": "benign, IDC", threshold: "0.4375", note: 'µm, "quoted" and\nmore', empty: "" };
  assert.deepEqual(onnxMetadata(toOnnx(graph, { producerVersion: "1.2.3", metadata })), metadata);
  assert.deepEqual(onnxMetadata(toOnnx(graph)), {});
});

test("bytes that are no ONNX model have no metadata", () => {
  assert.throws(() => onnxMetadata(new Uint8Array()), { message: "it holds no graph" });
  assert.throws(() => onnxMetadata(Buffer.from("\u0089PNG\r\n\u001a\n and so on")), Error);
  assert.throws(() => onnxMetadata(new Uint8Array(64).fill(255)), Error);
  const whole = toOnnx(lowerForCpu(differentiated()), { metadata: { a: "b" } });
  assert.throws(() => onnxMetadata(whole.subarray(0, whole.length - 2)), Error);
});

test("the same graph gives the same bytes", () => {
  assert.deepEqual(toOnnx(lowerForCpu(differentiated())), toOnnx(lowerForCpu(differentiated())));
});
