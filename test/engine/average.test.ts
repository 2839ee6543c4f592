/** The moving average of the weights: constant arrays stay, a step's weight in it, what is saved goes on exactly. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { type Arrays, debiasStatistics, type ModelDescription, parametersOf } from "../../src/engine/nn/model.ts";
import { MovingAverage } from "../../src/engine/training/average.ts";

const model: ModelDescription = {
  name: "one layer",
  source: "the tests",
  inputShape: [3, 1, 1],
  layers: [
    { kind: "flatten" },
    { kind: "dense", name: "dense1", units: 2 },
    { kind: "batchNormalization", name: "norm1", momentum: 0.99, epsilon: 1e-3 },
  ],
};

/** All arrays full of one number. */
const full = (value: number): Arrays =>
  new Map(
    parametersOf(model).map(({ name, shape }) => [
      name,
      new Float32Array(shape.reduce((a, b) => a * b, 1)).fill(value),
    ]),
  );

test("before the first update it is the model itself, freed of the statistics' start", () => {
  const average = new MovingAverage(model, 100, new Map());
  assert.deepEqual(average.arrays(full(0.5), 7), debiasStatistics(model, full(0.5), 7));
  assert.equal(average.saved().size, 0);
});

test("an update is due after every sixteenth step", () => {
  const average = new MovingAverage(model, 100, new Map());
  const due = Array.from({ length: 50 }, (_, index) => index + 1).filter((steps) => average.isDue(steps));
  assert.deepEqual(due, [16, 32, 48]);
});

test("weights that do not change stay, whatever the number of updates", () => {
  const average = new MovingAverage(model, 100, new Map());
  for (let steps = 16; steps < 5000; steps += 16) average.update(full(0.25), steps);
  assert.deepEqual(average.arrays(full(9), 5000).get("dense1.weight"), full(0.25).get("dense1.weight"));
});

test("late in a training an update of n steps ago counts exp(-n / steps)", () => {
  const horizon = 160;
  const average = new MovingAverage(model, horizon, new Map());
  for (let steps = 16; steps <= 160_000; steps += 16) average.update(full(0), steps);
  const after = (updates: number) => average.update(full(1), 160_000 + 16 * updates);
  for (let updates = 1; updates <= 20; updates++) after(updates);
  const [weight] = average.arrays(full(9), 0).get("dense1.weight")!;
  // The 20 updates with 1 came 0 to 304 steps ago: together they weigh 1 - exp(-320 / 160).
  assert.ok(Math.abs(weight! - (1 - Math.exp(-2))) < 1e-5, String(weight));
});

test("early on it is nearly the mean of all updates but for the first few, which are soon forgotten", () => {
  const average = new MovingAverage(model, 1e6, new Map());
  for (let update = 1; update <= 100; update++) average.update(full(update === 1 ? 1000 : 1), 16 * update);
  const [weight] = average.arrays(full(9), 0).get("dense1.weight")!;
  assert.ok(Math.abs(weight! - 1) < 1e-3, String(weight));
});

test("an average that was saved among a training's arrays goes on to the same bits", () => {
  const whole = new MovingAverage(model, 100, new Map());
  for (let update = 1; update <= 5; update++) whole.update(full(update), 16 * update);
  const resumed = new MovingAverage(model, 100, new Map([...full(5), ...whole.saved()]));
  for (const average of [whole, resumed]) average.update(full(6), 96);
  assert.deepEqual(resumed.saved(), whole.saved());
});
