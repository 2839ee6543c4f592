/** The fused optimizers against the graph's: the same bits over several steps, and nothing written elsewhere. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { UPDATES } from "../../../src/engine/fused/updates.ts";
import { Graph, type Value } from "../../../src/engine/graph/graph.ts";
import { openGraph } from "../../../src/engine/runtime/node/session.ts";
import type { Session } from "../../../src/engine/runtime/session.ts";
import { OPTIMIZER_NAMES, OPTIMIZERS, type Optimizer } from "../../../src/engine/training/optimizers.ts";
import { RandomStream } from "../../../src/system/random.ts";
import { Arena } from "./arena.ts";

const LENGTH = 44;
const STEPS = 4;
const LEARNING_RATE = 0.003;
const WEIGHT_DECAY = 0.02;

for (const name of OPTIMIZER_NAMES) {
  const optimizer: Optimizer = OPTIMIZERS[name];

  /** The update as a graph: weight, gradient and state in and out by their names. */
  async function openUpdate(): Promise<Session> {
    const graph = new Graph();
    const vector = (input: string) => graph.input(input, "float32", [LENGTH]);
    const scalar = (input: string): [string, Value] => [input, graph.input(input, "float32", [])];
    const updated = optimizer.update({
      weight: vector("weight"),
      gradient: vector("gradient"),
      state: optimizer.state.map((part) => vector(part.name)),
      learningRate: scalar("learningRate")[1],
      scalars: Object.fromEntries(Object.keys(optimizer.scalars?.(0) ?? {}).map(scalar)),
      weightDecay: WEIGHT_DECAY,
    });
    graph.output("0", updated.weight);
    for (const [index, value] of updated.state.entries()) graph.output(String(index + 1), value);
    return openGraph(graph, { threads: 1 });
  }

  test(`${name}: the graph's numbers`, async () => {
    const arena = new Arena();
    const random = new RandomStream(5, name);
    const session = await openUpdate();
    const vector = (data: Float32Array) => ({ data, shape: [LENGTH] });
    const weights = arena.put(Float32Array.from({ length: LENGTH }, () => random.uniform(-1, 1)));
    const state = optimizer.state.map(({ initial }) => arena.put(new Float32Array(LENGTH).fill(initial)));
    const gradients = arena.float32(LENGTH);
    for (let step = 0; step < STEPS; step++) {
      for (let i = 0; i < LENGTH; i++) gradients[i] = random.uniform(-1, 1);
      const scalars = { learningRate: LEARNING_RATE, ...optimizer.scalars?.(step) };
      const result = await session.run({
        weight: vector(weights.slice()),
        gradient: vector(gradients.slice()),
        ...Object.fromEntries(optimizer.state.map((part, index) => [part.name, vector(state[index]!.slice())])),
        ...Object.fromEntries(
          Object.entries(scalars).map(([key, value]) => [key, { data: Float32Array.of(value), shape: [] }]),
        ),
      });
      arena.run([weights, ...state], (kernels) => {
        const pointers = { weights: weights.byteOffset, gradients: gradients.byteOffset };
        const updated = { ...pointers, state: state.map(({ byteOffset }) => byteOffset), length: LENGTH };
        UPDATES[name](kernels, updated, { learningRate: LEARNING_RATE, weightDecay: WEIGHT_DECAY, step });
      });
      for (const [index, array] of [weights, ...state].entries()) {
        assert.deepEqual(array, result[index]!.data, `step ${step}, array ${index}`);
      }
    }
    await session.close();
  });
}
