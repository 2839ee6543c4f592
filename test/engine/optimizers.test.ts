/** The optimizers, each as a small graph, against ten steps of torch.optim, and what their formulas promise. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Graph, type Value } from "../../src/engine/graph/graph.ts";
import { openGraph } from "../../src/engine/runtime/node/session.ts";
import type { Session, Tensors } from "../../src/engine/runtime/session.ts";
import {
  OPTIMIZER_NAMES,
  OPTIMIZERS,
  type Optimizer,
  type OptimizerName,
} from "../../src/engine/training/optimizers.ts";
import { assertNear, readGolden } from "../golden/reference.ts";
import { tensor } from "./running.ts";

interface Golden {
  readonly matrix: number[][];
  readonly target: number[];
  readonly start: number[];
  readonly cases: {
    readonly name: string;
    readonly options: { lr: number; weight_decay?: number; lr_decay?: number; initial_accumulator_value?: number };
    readonly parametersAfterStep: number[][];
    readonly float32Error: number;
  }[];
}

const golden = readGolden<Golden>("optimizers");

/** The optimizer that each golden case is, or why we have none. */
const CASES: Record<string, OptimizerName | { readonly absent: string }> = {
  adagrad: "adagrad",
  adagradFromZero: "adagrad",
  adagradInverseDecay: "adagrad",
  adagradWeightDecay: "adagrad",
  sgd: { absent: "SGD without momentum is not offered" },
  sgdWeightDecay: { absent: "SGD without momentum is not offered" },
  momentum: "sgd",
  momentumWeightDecay: "sgd",
  adam: "adam",
  adamWeightDecay: "adam",
  adamw: "adamw",
  adamwStrongDecay: { absent: "other betas than .9 and .999 are not offered" },
};

/** One weight under an optimizer, stepped by gradients from outside. */
class OneWeight {
  readonly #session: Session;
  readonly #optimizer: Optimizer;
  #state: Record<string, Float32Array>;
  #step = 0;
  weight: Float32Array;

  private constructor(session: Session, optimizer: Optimizer, start: readonly number[]) {
    this.#session = session;
    this.#optimizer = optimizer;
    this.weight = Float32Array.from(start);
    this.#state = Object.fromEntries(
      optimizer.state.map(({ name, initial }) => [name, new Float32Array(start.length).fill(initial)]),
    );
  }

  static async create(name: OptimizerName, weightDecay: number, start: readonly number[]): Promise<OneWeight> {
    const optimizer: Optimizer = OPTIMIZERS[name];
    const graph = new Graph();
    const vector = (input: string) => graph.input(input, "float32", [start.length]);
    const scalar = (input: string) => graph.input(input, "float32", []);
    const names = Object.keys(optimizer.scalars?.(0) ?? {});
    const updated = optimizer.update({
      weight: vector("weight"),
      gradient: vector("gradient"),
      state: optimizer.state.map((part) => vector(part.name)),
      learningRate: scalar("learningRate"),
      scalars: Object.fromEntries(names.map((input): [string, Value] => [input, scalar(input)])),
      weightDecay,
    });
    graph.output("new weight", updated.weight);
    for (const [index, part] of optimizer.state.entries()) graph.output(`new ${part.name}`, updated.state[index]!);
    return new OneWeight(await openGraph(graph, { threads: 1 }), optimizer, start);
  }

  fillState(initial: number): void {
    for (const array of Object.values(this.#state)) array.fill(initial);
  }

  async step(gradient: readonly number[], learningRate: number): Promise<Float32Array> {
    const vectors = { weight: this.weight, gradient: Float32Array.from(gradient), ...this.#state };
    const scalars = { learningRate, ...this.#optimizer.scalars?.(this.#step) };
    const feeds: Tensors = Object.fromEntries([
      ...Object.entries(vectors).map(([name, data]) => [name, { data, shape: [data.length] }]),
      ...Object.entries(scalars).map(([name, value]) => [name, tensor([], [value])]),
    ]);
    const results = await this.#session.run(feeds);
    this.weight = results["new weight"]!.data as Float32Array;
    for (const { name } of this.#optimizer.state) this.#state[name] = results[`new ${name}`]!.data as Float32Array;
    this.#step++;
    return this.weight;
  }

  close(): Promise<void> {
    return this.#session.close();
  }
}

/** matrix . p - target + sin(p), in double precision. */
function gradientAt(point: Float32Array): number[] {
  return golden.matrix.map(
    (row, i) => row.reduce((sum, value, j) => sum + value * point[j]!, 0) - golden.target[i]! + Math.sin(point[i]!),
  );
}

test("every golden case and every optimizer has a row here", () => {
  assert.deepEqual(
    golden.cases.map(({ name }) => name),
    Object.keys(CASES),
  );
  const used = new Set(Object.values(CASES).filter((row) => typeof row === "string"));
  assert.deepEqual([...used].sort(), [...OPTIMIZER_NAMES].sort());
});

for (const { name, options, parametersAfterStep, float32Error } of golden.cases) {
  test(`ten steps of ${name} are PyTorch's`, async (t) => {
    const row = CASES[name]!;
    if (typeof row !== "string") return t.skip(row.absent);
    const weight = await OneWeight.create(row, options.weight_decay ?? 0, golden.start);
    if (options.initial_accumulator_value !== undefined) weight.fillState(options.initial_accumulator_value);
    for (const [step, expected] of parametersAfterStep.entries()) {
      // PyTorch's Adagrad divides the rate itself; here the schedule does so.
      const learningRate = options.lr / (1 + (options.lr_decay ?? 0) * step);
      const actual = await weight.step(gradientAt(weight.weight), learningRate);
      for (const [index, value] of expected.entries()) {
        assertNear(actual[index]!, value, 8 * float32Error + 1e-7, `weight ${index} after step ${step}`);
      }
    }
    await weight.close();
  });
}

const START = [2, -1, 0.5];
const GRADIENT = [0.25, -4, 1e-2];

/** The first step's weights by the papers' formulas, in double precision: weight, gradient, rate, decay. */
const FIRST_STEPS: Record<OptimizerName, (w: number, g: number, rate: number, decay: number) => number> = {
  adagrad: (w, gradient, rate, decay) => {
    const g = gradient + decay * w;
    return w - (rate * g) / (Math.sqrt(0.1 + g * g) + 1e-7);
  },
  sgd: (w, g, rate, decay) => w - rate * (g + decay * w),
  // The corrected mean is g and the corrected square g^2.
  adam: (w, g, rate, decay) => w - rate * Math.sign(g + decay * w),
  adamw: (w, g, rate, decay) => w * (1 - rate * decay) - rate * Math.sign(g),
};

for (const name of OPTIMIZER_NAMES) {
  for (const decay of [0, 0.1]) {
    test(`the first step of ${name} with weight decay ${decay} is its formula's`, async () => {
      const weight = await OneWeight.create(name, decay, START);
      const actual = await weight.step(GRADIENT, 0.05);
      for (const [index, start] of START.entries()) {
        assertNear(actual[index]!, FIRST_STEPS[name](start, GRADIENT[index]!, 0.05, decay), 5e-7, `weight ${index}`);
      }
      await weight.close();
    });
  }

  test(`${name} without gradient and decay leaves a weight as it is`, async () => {
    const weight = await OneWeight.create(name, 0, START);
    assert.deepEqual([...(await weight.step([0, 0, 0], 0.05))], START);
    await weight.close();
  });
}
