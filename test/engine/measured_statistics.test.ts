/** Measured statistics: those of a layer by hand, and what they do not depend on. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { initialize } from "../../src/engine/nn/initialize.ts";
import type { ModelDescription } from "../../src/engine/nn/model.ts";
import { openGraph } from "../../src/engine/runtime/node/session.ts";
import { measureStatistics } from "../../src/engine/training/measured_statistics.ts";
import { RandomStream } from "../../src/system/random.ts";

const SIDE = 6;
const model: ModelDescription = {
  name: "two normalizations",
  source: "the tests",
  inputShape: [3, SIDE, SIDE],
  layers: [
    { kind: "batchNormalization", name: "norm1", momentum: 0.99, epsilon: 1e-3 },
    { kind: "dropout", name: "dropout1", rate: 0.5 },
    { kind: "flatten" },
    { kind: "dense", name: "dense1", units: 4 },
    { kind: "batchNormalization", name: "norm2", momentum: 0.99, epsilon: 1e-3 },
    { kind: "dense", name: "dense2", units: 2 },
  ],
};
const [COUNT, PIXELS] = [8, SIDE * SIDE];
const images = Array.from({ length: 5 }, (_, index) => new RandomStream(index, "images").bytes(COUNT * PIXELS * 3));
const measure = (batches: readonly Uint8Array[], momentum = 0.99) => {
  const layers = model.layers.map((layer) => (layer.kind === "batchNormalization" ? { ...layer, momentum } : layer));
  const shape = [COUNT, SIDE, SIDE, 3] as const;
  return measureStatistics({ ...model, layers }, initialize(model, 1), { shape, batches }, { threads: 1, openGraph });
};

test("the first layer's are the mean and the variance of the channels over all batches", async () => {
  const found = await measure(images);
  for (let channel = 0; channel < 3; channel++) {
    const values = images.flatMap((batch) =>
      [...batch].filter((_, index) => index % 3 === channel).map((byte) => byte / 255),
    );
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
    assert.ok(Math.abs(found.get("norm1.mean")![channel]! - mean) < 1e-5);
    // Each batch's variance is the unbiased one, larger by 288 / 287.
    assert.ok(Math.abs(found.get("norm1.variance")![channel]! / variance - 1) < 1 / 250);
  }
});

test("weights stay; order of the batches, momentum and what the statistics were before do not matter", async () => {
  const found = await measure(images);
  const start = initialize(model, 1);
  assert.deepEqual(found.get("dense1.weight"), start.get("dense1.weight"));
  assert.notDeepEqual(found.get("norm2.mean"), start.get("norm2.mean"));
  const close = (other: Map<string, Float32Array>) => {
    for (const [name, array] of found) {
      for (const [index, value] of array.entries()) assert.ok(Math.abs(value - other.get(name)![index]!) < 1e-6, name);
    }
  };
  close(await measure([...images].reverse()));
  close(await measure(images, 0.5));
});

test("no batch is an error", async () => {
  await assert.rejects(measure([]), /at least one batch/);
});
