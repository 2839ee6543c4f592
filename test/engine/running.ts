/** Runs small graphs and compares their numbers: what the engine's tests share. */
import assert from "node:assert/strict";
import { Graph, type Value } from "../../src/engine/graph/graph.ts";
import { sizeOf } from "../../src/engine/graph/shape.ts";
import { openGraph } from "../../src/engine/runtime/node/session.ts";
import type { NamedTensor, Tensors } from "../../src/engine/runtime/session.ts";

/** A float32 tensor of the numbers. */
export function tensor(shape: readonly number[], values: Iterable<number>): NamedTensor {
  return { shape, data: Float32Array.from(values) };
}

/** A new graph with a float32 input for each tensor, and the tensors as its feeds. */
export function graphOf<K extends string>(
  tensors: Readonly<Record<K, NamedTensor>>,
): {
  graph: Graph;
  inputs: Record<K, Value>;
} {
  const graph = new Graph();
  const inputs = {} as Record<K, Value>;
  for (const name of Object.keys(tensors) as K[]) inputs[name] = graph.input(name, "float32", tensors[name].shape);
  return { graph, inputs };
}

/** Declares the values as outputs of their graph, runs it once and gives the numbers of each. */
export async function evaluate<K extends string>(
  values: Readonly<Record<K, Value>>,
  feeds: Tensors,
): Promise<Record<K, number[]>> {
  const named = Object.entries(values) as [K, Value][];
  const { graph } = named[0]![1];
  for (const [name, value] of named) graph.output(name, value);
  const session = await openGraph(graph, { threads: 1 });
  const results = await session.run(feeds);
  await session.close();
  return Object.fromEntries(
    named.map(([name, value]) => {
      assert.deepEqual(results[name]!.shape, value.shape, `${name} has the shape that the graph says`);
      return [name, Array.from(results[name]!.data, Number)];
    }),
  ) as Record<K, number[]>;
}

/** Shuffled numbers in (centre - 2, centre + 2), at least 4 / their count apart, and at least 1 / their count from the centre. */
export function distinct(shape: readonly number[], random: { shuffle<T extends number[]>(items: T): T }, centre = 0) {
  const size = sizeOf(shape);
  const order = random.shuffle(Array.from({ length: size }, (_, index) => index));
  return tensor(
    shape,
    order.map((place) => centre + 4 * ((place + 0.25) / size - 0.5)),
  );
}

/** Asserts that each number is within `tolerance` times the largest expected one (at least 1) of the expected. */
export function assertAllClose(
  actual: ArrayLike<number>,
  expected: ArrayLike<number>,
  tolerance: number,
  what: string,
): void {
  assert.equal(actual.length, expected.length, `${what}: how many numbers`);
  const numbers = Array.from(expected);
  const limit = tolerance * Math.max(1, ...numbers.map(Math.abs));
  for (const [index, number] of numbers.entries()) {
    const distance = Math.abs(actual[index]! - number);
    assert.ok(distance <= limit, `${what}, element ${index}: ${actual[index]}, expected ${number} within ${limit}`);
  }
}
