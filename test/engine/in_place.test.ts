/** Sessions whose results are in place: the right numbers in the given memory, no copies, and errors that come through. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Graph } from "../../src/engine/graph/graph.ts";
import { relu, scale } from "../../src/engine/ops/arithmetic.ts";
import { openGraph } from "../../src/engine/runtime/node/session.ts";

const LENGTH = 1 << 20;
const BYTES = LENGTH * 4;

function graph(): Graph {
  const graph = new Graph();
  const x = graph.input("x", "float32", [LENGTH]);
  graph.output("positive", relu(x));
  graph.output("double", scale(x, 2));
  return graph;
}

const vector = (fill: (index: number) => number) => ({
  data: new Float32Array(LENGTH).map((_, i) => fill(i)),
  shape: [LENGTH],
});

test("results are in the memory that was given, and nowhere else", async () => {
  const session = await openGraph(graph(), { threads: 1, inPlace: true });
  assert.deepEqual(session.outputNames, ["positive", "double"]);
  const x = vector((index) => index - LENGTH / 2);
  const into = { positive: vector(() => 0), double: vector(() => 0) };
  const before = process.memoryUsage().arrayBuffers;
  for (let run = 0; run < 5; run++) assert.deepEqual(await session.run({ x }, into), {});
  assert.ok(process.memoryUsage().arrayBuffers - before < BYTES, "no result was copied");
  await session.close();
  for (const index of [0, LENGTH / 2 + 3, LENGTH - 1]) {
    const value = index - LENGTH / 2;
    assert.equal(into.positive.data[index], Math.max(value, 0));
    assert.equal(into.double.data[index], 2 * value);
  }
});

test("what goes wrong in a run is told", async () => {
  const session = await openGraph(graph(), { threads: 1, inPlace: true });
  const short = { data: new Float32Array(3), shape: [3] };
  await assert.rejects(session.run({ x: short }, { positive: vector(() => 0), double: vector(() => 0) }), /dimensions/);
  await session.close();
});
