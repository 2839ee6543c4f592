/** CancerNet against PyTorch: its arrays, the forward pass, and the training of every engine on the CPU. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { ENGINE_NAMES } from "../../src/engine/engine_names.ts";
import { buildInferenceGraph } from "../../src/engine/models/inference.ts";
import { initialize } from "../../src/engine/nn/initialize.ts";
import { parametersOf, summarize } from "../../src/engine/nn/model.ts";
import { openGraph } from "../../src/engine/runtime/node/session.ts";
import { assertNear, type CancerNetReference, initialTensors, readGolden } from "../golden/reference.ts";
import { goldenImages, model } from "./golden_images.ts";
import { SLACK, testGoldenTraining } from "./golden_training.ts";

const golden = readGolden<CancerNetReference>("cancernet");

test("CancerNet has the tutorial's parameters, under the golden names and shapes", () => {
  const { parameters: total, trainable } = summarize(model);
  assert.deepEqual({ total, trainable }, { total: 1_235_133, trainable: 1_233_533 });
  assert.deepEqual(
    parametersOf(model).map(({ name, shape, role }) => ({ name, shape, trainable: role === "weight" })),
    golden.tensors.map(({ name, shape, trainable: learns }) => ({ name, shape, trainable: learns })),
  );
});

test("initial weights are Glorot-uniform: bounds, spread, seed", () => {
  const arrays = initialize(model, 42);
  const dense = arrays.get("dense1.weight")!;
  const limit = Math.sqrt(6 / (4608 + 256));
  const meanSquare = dense.reduce((sum, value) => sum + value * value, 0) / dense.length;
  assert.ok(dense.every((value) => Math.abs(value) <= limit));
  assert.ok(Math.abs(meanSquare / (limit ** 2 / 3) - 1) < 0.01, "the variance is limit^2 / 3");
  assert.deepEqual(initialize(model, 42).get("dense1.weight"), dense);
  assert.notDeepEqual(initialize(model, 43).get("dense1.weight"), dense);
});

test("inference gives PyTorch's probabilities", async () => {
  const session = await openGraph(buildInferenceGraph({ model, arrays: initialTensors(golden) }), {
    threads: 2,
  });
  const { probability } = await session.run({ patches: { data: goldenImages(golden, 0), shape: [8, 48, 48, 3] } });
  golden.inference.probabilities.values.forEach(([, expected], index) => {
    const tolerance = SLACK * golden.inference.probabilities.float32Error.max;
    assertNear(probability!.data[index] as number, expected!, tolerance, `patch ${index}`);
  });
  await session.close();
});

for (const engine of ENGINE_NAMES) testGoldenTraining({ engine, device: "cpu" });
