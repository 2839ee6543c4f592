/** Training a network on arrays: gradients against central differences, TensorFlow.js's numbers, learning, sameness, refusals. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { EngineName } from "../../../src/engine/engine_names.ts";
import { openEngine } from "../../../src/engine/engines.ts";
import { arraysFromKeras } from "../../../src/engine/keras/convert.ts";
import { buildCancerNet } from "../../../src/engine/models/cancernet.ts";
import { trainNetwork } from "../../../src/engine/network/train_network.ts";
import { TrainedNetwork } from "../../../src/engine/network/trained_network.ts";
import { initialize } from "../../../src/engine/nn/initialize.ts";
import { type Arrays, type ModelDescription, parametersOf } from "../../../src/engine/nn/model.ts";
import { openOnnx } from "../../../src/engine/runtime/node/session.ts";
import type { Batch } from "../../../src/engine/training/step.ts";
import { RandomStream } from "../../../src/system/random.ts";
import { type Refusal, refused } from "../../support/refused.ts";
import { kerasNetwork } from "../keras/network.ts";
import { assertAllClose } from "../running.ts";
import { parameterCount, SIZES } from "./sizes.ts";

/** Images of a class have its level in the middle; each a noise of its own. */
function labelledImages({ inputShape: [channels, height, width] }: ModelDescription, classes: number, count: number) {
  const random = new RandomStream(5, "labelled");
  const labels = Array.from({ length: count }, (_, i) => i % classes);
  const bytes = height * width * channels;
  const images = new Uint8Array(count * bytes);
  for (const [image, label] of labels.entries()) {
    const level = 40 + (160 * label) / (classes - 1);
    for (let i = 0; i < bytes; i++) images[image * bytes + i] = level + random.integer(30);
  }
  return { images, labels };
}

for (const engine of ["graph", "fused"] as const satisfies EngineName[]) {
  for (const size of SIZES.slice(1)) {
    test(`${engine}, ${JSON.stringify(size)}: the gradient of the cross-entropy is its central difference`, async () => {
      const model = buildCancerNet(size);
      const { images, labels } = labelledImages(model, size.classes, 6);
      const targets = new Float32Array(6 * size.classes);
      labels.forEach((label, image) => {
        targets[image * size.classes + label] = 1;
      });
      const batch = { images, targets, weights: new Float32Array(6).fill(1), randomBytes: () => new Uint8Array() };
      const start = initialize(model, 2);
      const { loss, gradients, probabilities } = await stepFrom(engine, model, start, batch);
      const expected =
        labels.reduce((sum, label, i) => sum - Math.log(probabilities[i * size.classes + label]!), 0) / 6;
      assert.ok(Math.abs(loss - expected) < 1e-5, `categorical cross-entropy: ${loss}, expected ${expected}`);
      for (const name of [
        "conv2.depthwise.weight",
        "norm3.scale",
        "conv6.pointwise.weight",
        "dense1.weight",
        "dense2.weight",
        "dense2.bias",
      ]) {
        const gradient = gradients.get(name)!;
        const length = Math.sqrt(gradient.reduce((sum, value) => sum + value * value, 0));
        const h = 2e-3 / Math.max(length, 1);
        const lossAt = async (offset: number) => {
          const moved = start.get(name)!.map((value, i) => value + (offset * gradient[i]!) / length);
          return (await stepFrom(engine, model, new Map([...start, [name, moved]]), batch)).loss;
        };
        const difference = ((await lossAt(h)) - (await lossAt(-h))) / (2 * h);
        assert.ok(
          Math.abs(difference - length) < 0.03 * length + 1e-4,
          `${name}: ${length}, by differences ${difference}`,
        );
      }
    });
  }
}

/** Loss and gradients of a step: with momentum at rest, stochastic gradient descent at rate 1 subtracts the gradient. */
async function stepFrom(
  name: EngineName,
  model: ModelDescription,
  arrays: Arrays,
  batch: Omit<Batch, "step" | "learningRate">,
) {
  const [, height, width] = model.inputShape;
  const options = {
    model,
    imageSize: [height, width],
    optimizer: "sgd",
    weightDecay: 0,
    dropout: false,
    move: false,
    recolour: false,
  } as const;
  const engine = openEngine(name, options, arrays, { threads: 1 });
  try {
    const { loss, probabilities } = await engine.step({ ...batch, learningRate: 1, step: 0 });
    const found = probabilities.slice();
    const after = await engine.state();
    const weights = parametersOf(model).filter(({ role }) => role === "weight");
    const gradients = weights.map(({ name: weight }) => {
      const [before, moved] = [arrays.get(weight)!, after.get(weight)!];
      return [weight, before.map((value, i) => value - moved[i]!)] as const;
    });
    return { loss, probabilities: found, gradients: new Map(gradients) };
  } finally {
    await engine.close();
  }
}

for (const size of SIZES) {
  test(`${JSON.stringify(size)}: TensorFlow.js counts as many parameters and gives the same probabilities`, async () => {
    const model = buildCancerNet(size);
    const keras = await kerasNetwork(model, 3);
    const counts = keras.layers.flatMap(({ weights }) => weights.map(({ data }) => data.length));
    assert.equal(
      counts.reduce((sum, count) => sum + count, 0),
      parameterCount(size),
    );
    const layers = keras.layers.map(({ weights, ...layer }) => ({
      ...layer,
      weights: weights.map(({ role, shape, data }) => ({ role, shape, read: () => data })),
    }));
    const stored = { ordered: true, layers: layers.filter(({ weights }) => weights.length > 0) };
    const network = new TrainedNetwork(model, arraysFromKeras(model, stored as never), { threads: 1 });
    const images = new RandomStream(4, "images").bytes(5 * size.width * size.height * size.depth);
    assertAllClose(await network.predict(images), keras.probabilities(images, 5), 2e-5, "probabilities");
    await network.close();
  });
}

test("three classes are learned on both engines, and the same seed gives the same arrays for any number of threads", async () => {
  const model = buildCancerNet({ width: 20, height: 14, depth: 1, classes: 3 });
  const data = labelledImages(model, 3, 61);
  const options = { epochs: 6, batchSize: 12, learningRate: 0.02, seed: 7 } as const;
  for (const engine of ["graph", "fused"] as const) {
    const { network, history } = await trainNetwork(model, data, { ...options, engine, threads: 2 });
    assert.equal(history.length, 6);
    assert.ok(history.at(-1)!.loss < 0.5 * history[0]!.loss, `${history.map(({ loss }) => loss)}`);
    const probabilities = await network.predict(data.images);
    let hits = 0;
    for (const [image, label] of data.labels.entries()) {
      const own = [...probabilities.subarray(image * 3, image * 3 + 3)];
      assert.ok(Math.abs(own.reduce((sum, p) => sum + p, 0) - 1) < 1e-5);
      if (own.indexOf(Math.max(...own)) === label) hits++;
    }
    assert.ok(hits >= 58, `${hits} of 61`);
    const session = await openOnnx(network.onnx(), { threads: 1 });
    const first = data.images.slice(0, 20 * 14);
    const alone = await session.run({ patches: { data: first, shape: [1, 14, 20, 1] } });
    assertAllClose(alone.probabilities!.data as Float32Array, probabilities.subarray(0, 3), 1e-5, "the ONNX file");
    await session.close();
    await network.close();
    const again = await trainNetwork(model, data, { ...options, engine, threads: 1 });
    assert.deepEqual(again.network.arrays, network.arrays);
  }
});

test("batches of the caller's own give what the same batches of arrays give", async () => {
  const model = buildCancerNet({ width: 16, height: 16, depth: 3, classes: 4 });
  const data = labelledImages(model, 4, 16);
  const half = data.images.length / 2;
  const halves = [0, 1].map((i) => ({
    images: data.images.slice(i * half, (i + 1) * half),
    labels: data.labels.slice(i * 8, (i + 1) * 8),
  }));
  const source = { batchesPerEpoch: 2, batches: () => halves };
  const options = {
    epochs: 2,
    classWeights: [1, 2, 1, 1],
    optimizer: "adamw",
    schedule: "constant",
    learningRate: 1e-3,
  } as const;
  const [one, other] = [await trainNetwork(model, source, options), await trainNetwork(model, source, options)];
  assert.deepEqual(one.network.arrays, other.network.arrays);
  await assert.rejects(
    trainNetwork(model, { ...source, batchesPerEpoch: 3 }, options),
    refused("data-mismatch", "2 batches instead of the 3"),
  );
  await assert.rejects(
    trainNetwork(model, { ...source, batchesPerEpoch: 1 }, options),
    refused("data-mismatch", "more batches than the 1"),
  );
});

test("what does not fit is refused in a sentence, and a signal stops the training", async () => {
  const model = buildCancerNet({ width: 16, height: 16, depth: 3, classes: 3 });
  const { images, labels } = labelledImages(model, 3, 6);
  const wrong: [Parameters<typeof trainNetwork>[1], Parameters<typeof trainNetwork>[2], Refusal][] = [
    [{ images: images.subarray(1), labels }, {}, refused("data-mismatch", "16 x 16 pixels with 3 channels")],
    [{ images, labels: labels.slice(1) }, {}, refused("data-mismatch", "6 images but 5 labels")],
    [{ images, labels: [0, 1, 2, 3, 0, 1] }, {}, refused("label-invalid", "Label 4 of 6 is 3")],
    [{ images, labels: [0, 1, 2, 0.5, 0, 1] }, {}, refused("label-invalid", "Label 4 of 6 is 0.5")],
    [{ images, labels }, { classWeights: [1, 2] }, refused("option-invalid", "classWeights")],
    [{ images, labels }, { epochs: 0 }, refused("option-invalid", "epochs is 0")],
    [{ images, labels }, { learningRate: -1 }, refused("option-invalid", "learningRate is -1")],
    [{ images, labels }, { optimizer: "rmsprop" as never }, refused("option-invalid", 'optimizer is "rmsprop"')],
    [{ images, labels }, { learningRate: 1e30, optimizer: "sgd", epochs: 5 }, refused("training-diverged")],
  ];
  for (const [data, options, refusal] of wrong) {
    await assert.rejects(trainNetwork(model, data, options), refusal);
  }
  const controller = new AbortController();
  const stopped = trainNetwork(
    model,
    { images, labels },
    { signal: controller.signal, onEpoch: () => controller.abort() },
  );
  await assert.rejects(stopped, { name: "AbortError" });
});
