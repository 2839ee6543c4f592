/** CancerNet's training against PyTorch's numbers, as tests of one engine on one device. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { EngineName } from "../../src/engine/engine_names.ts";
import { openEngine } from "../../src/engine/engines.ts";
import type { Arrays } from "../../src/engine/nn/model.ts";
import type { DeviceName } from "../../src/engine/runtime/devices.ts";
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
export const SLACK = 10;

function assertTensors(arrays: ReadonlyMap<string, Float32Array>, expected: Record<string, Digest>, suffix = ""): void {
  for (const [name, digest] of Object.entries(expected)) {
    assertDigest(arrays.get(name + suffix)!, names.indexOf(name), digest, name, SLACK);
  }
}

interface Contender {
  readonly engine: EngineName;
  readonly device: DeviceName;
  /** Why its tests are left out. */
  readonly skip?: string | undefined;
  /** The trainings of five steps, where all would take too long. */
  readonly runs?: readonly string[];
}

function open({ engine, device }: Contender, optimizer: OptimizerName, arrays: Arrays): TrainingEngine {
  const options = { model, imageSize: [48, 48], weightDecay: 0, dropout: false, move: false, recolour: false } as const;
  return openEngine(engine, { ...options, optimizer }, arrays, { threads: 2, device });
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

/** One step with every gradient, and five steps of the tutorial's optimizer. */
export function testGoldenTraining(contender: Contender): void {
  const title = `${contender.engine} on ${contender.device}`;
  const { skip = false } = contender;
  test(`${title}: one step gives PyTorch's loss, every gradient and the running statistics`, { skip }, async () => {
    const training = open(contender, "sgd", initialTensors(golden));
    const { loss } = await step(training, 0, 0);
    assertNear(loss, golden.training.loss.values, SLACK * golden.training.loss.float32Error.max, "loss");
    const after = await training.state();
    // After the first step the momentum of SGD is the gradient itself.
    assertTensors(after, golden.training.gradients, "/momentum");
    assertTensors(after, golden.training.statisticsAfter);
    await training.close();
  });

  for (const run of golden.adagrad.filter(({ name }) => contender.runs?.includes(name) ?? true)) {
    test(`${title}: five steps of Adagrad (${run.name}) give PyTorch's losses and weights`, { skip }, async () => {
      const arrays = initialTensors(golden);
      for (const { name: tensor, trainable } of golden.tensors) {
        if (trainable) {
          arrays.set(
            `${tensor}/accumulator`,
            new Float32Array(arrays.get(tensor)!.length).fill(run.initialAccumulator),
          );
        }
      }
      const training = open(contender, "adagrad", arrays);
      for (const [index, learningRate] of run.learningRates.entries()) {
        const { loss } = await step(training, index, learningRate);
        const expected = run.losses[index]!;
        assertNear(loss, expected.values, SLACK * expected.float32Error.max, `loss of step ${index}`);
        assertTensors(await training.state(), run.tensorsAfterStep[index + 1] ?? {});
      }
      await training.close();
    });
  }
}
