/** CancerNet against PyTorch: forward pass, every gradient, batch-norm statistics and five steps of the tutorial. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { ENGINE_NAMES, type EngineName, openEngine } from "../../src/engine/engines.ts";
import { buildInferenceGraph } from "../../src/engine/models/inference.ts";
import { type Arrays, initialize, parametersOf, summarize } from "../../src/engine/nn/model.ts";
import { Session } from "../../src/engine/runtime/session.ts";
import type { OptimizerName } from "../../src/engine/training/optimizers.ts";
import type { StepResult, TrainingEngine } from "../../src/engine/training/step.ts";
import {
  assertDigest,
  assertNear,
  type CancerNetReference,
  type Digest,
  initialTensors,
  readGolden,
} from "../golden/reference.ts";
import { goldenImages, model } from "./golden_images.ts";

const golden = readGolden<CancerNetReference>("cancernet");
const names = golden.tensors.map(({ name }) => name);
/** Our rounding may be this many times as large as what PyTorch's own float32 runs differ by. */
const SLACK = 10;

function assertTensors(arrays: ReadonlyMap<string, Float32Array>, expected: Record<string, Digest>, suffix = ""): void {
  for (const [name, digest] of Object.entries(expected)) {
    assertDigest(arrays.get(name + suffix)!, names.indexOf(name), digest, name, SLACK);
  }
}

function open(name: EngineName, optimizer: OptimizerName, arrays: Arrays): TrainingEngine {
  const options = { model, imageSize: [48, 48], weightDecay: 0, dropout: false, move: false, recolour: false } as const;
  return openEngine(name, { ...options, optimizer }, arrays, { threads: 2 });
}

function step(training: TrainingEngine, index: number, learningRate: number): Promise<StepResult> {
  const labels = golden.batches.labels[index]!;
  return training.step({
    images: goldenImages(golden, index),
    targets: Float32Array.from(labels.flatMap((label) => [1 - label, label])),
    weights: Float32Array.from(labels, (label) => golden.classWeights[label]!),
    randomBytes: () => assert.fail("dropout is off"),
    learningRate,
    step: index,
  });
}

test("CancerNet has the tutorial's parameters, under the golden names and shapes", () => {
  const { total, trainable } = summarize(model);
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
  const session = await Session.fromGraph(buildInferenceGraph(model, initialTensors(golden)), { threads: 2 });
  const { probability } = await session.run({ patches: { data: goldenImages(golden, 0), shape: [8, 48, 48, 3] } });
  golden.inference.probabilities.values.forEach(([, expected], index) => {
    const tolerance = SLACK * golden.inference.probabilities.float32Error.max;
    assertNear(probability!.data[index] as number, expected!, tolerance, `patch ${index}`);
  });
  await session.close();
});

for (const name of ENGINE_NAMES) {
  test(`${name}: one step gives PyTorch's loss, every gradient and the running statistics`, async () => {
    const training = open(name, "sgd", initialTensors(golden));
    const { loss } = await step(training, 0, 0);
    assertNear(loss, golden.training.loss.values, SLACK * golden.training.loss.float32Error.max, "loss");
    const after = training.state();
    // After the first step the momentum of SGD is the gradient itself.
    assertTensors(after, golden.training.gradients, "/momentum");
    assertTensors(after, golden.training.statisticsAfter);
    await training.close();
  });

  for (const run of golden.adagrad) {
    test(`${name}: five steps of Adagrad (${run.name}) give PyTorch's losses and weights`, async () => {
      const arrays = initialTensors(golden);
      for (const { name: tensor, trainable } of golden.tensors) {
        if (trainable) {
          arrays.set(
            `${tensor}/accumulator`,
            new Float32Array(arrays.get(tensor)!.length).fill(run.initialAccumulator),
          );
        }
      }
      const training = open(name, "adagrad", arrays);
      for (const [index, learningRate] of run.learningRates.entries()) {
        const { loss } = await step(training, index, learningRate);
        const expected = run.losses[index]!;
        assertNear(loss, expected.values, SLACK * expected.float32Error.max, `loss of step ${index}`);
        assertTensors(training.state(), run.tensorsAfterStep[index + 1] ?? {});
      }
      await training.close();
    });
  }
}
