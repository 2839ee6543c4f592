/** Running statistics without their start: constant batches give exactly themselves, many steps change nothing. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { initialize } from "../../src/engine/nn/initialize.ts";
import { debiasStatistics, parametersOf } from "../../src/engine/nn/model.ts";
import { model } from "./golden_images.ts";

const START = initialize(model, 1);

/** Runs the moving average as the training step does, on batches that all have this mean and variance. */
function afterSteps(steps: number, mean: number, variance: number) {
  const arrays = new Map(START);
  for (const { name, role } of parametersOf(model)) {
    if (role !== "statistic") continue;
    const batch = name.endsWith(".mean") ? mean : variance;
    for (let step = 0; step < steps; step++) {
      arrays.set(
        name,
        arrays.get(name)!.map((running) => 0.99 * running + 0.01 * batch),
      );
    }
  }
  return arrays;
}

for (const steps of [1, 20, 300]) {
  test(`after ${steps} steps on batches of one kind the statistics are those of the batches`, () => {
    const freed = debiasStatistics(model, afterSteps(steps, 0.3, 0.02), steps);
    for (const value of freed.get("norm3.mean")!) assert.ok(Math.abs(value - 0.3) < 1e-4, `mean ${value}`);
    for (const value of freed.get("norm3.variance")!) assert.ok(Math.abs(value - 0.02) < 1e-4, `variance ${value}`);
  });
}

test("weights stay, and after many steps so do the statistics", () => {
  const arrays = afterSteps(10, 0.3, 0.02);
  const freed = debiasStatistics(model, arrays, 100_000);
  assert.deepEqual(freed, arrays);
});

test("a variance never becomes negative", () => {
  const freed = debiasStatistics(model, afterSteps(3, 0, 0), 3);
  assert.ok(freed.get("norm7.variance")!.every((value) => value >= 0 && value < 1e-5));
});
