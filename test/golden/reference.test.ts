/** The reference numbers' own inputs: TypeScript makes the same hash, tensors and batches as the Python that wrote them. */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  assertDigest,
  type CancerNetReference,
  goldenBatch,
  hash32,
  hashedValues,
  initialTensors,
  readGolden,
} from "./reference.ts";

const reference = readGolden<CancerNetReference>("cancernet");

test("the hash is the one that Python computed", () => {
  for (const { tensor, element, hash } of reference.hashChecks) {
    assert.equal(hash32(tensor, element), hash, `tensor ${tensor}, element ${element}`);
  }
});

test("the hashed numbers are spread evenly over [-0.5, 0.5)", () => {
  const values = hashedValues(7, 100_000);
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
  assert.ok(Math.abs(mean) < 0.005, `mean ${mean}`);
  assert.ok(Math.abs(variance - 1 / 12) < 0.001, `variance ${variance}`);
});

test("CancerNet has 1,235,133 numbers, 1,233,533 of them trainable", () => {
  const tensors = initialTensors(reference);
  const count = (entries: { name: string }[]) => entries.reduce((sum, { name }) => sum + tensors.get(name)!.length, 0);
  assert.equal(count(reference.tensors), 1_235_133);
  assert.equal(count(reference.tensors.filter(({ trainable }) => trainable)), 1_233_533);
});

test("the batches' labels are the ones that Python used", () => {
  reference.batches.labels.forEach((labels, step) => {
    assert.deepEqual(goldenBatch(reference, step).labels, labels);
  });
});

test("the digest of the starting weights is near the digest after five gentle steps, and a wrong weight is noticed", () => {
  const start = initialTensors(reference).get("dense1.weight")!;
  const index = reference.tensors.findIndex(({ name }) => name === "dense1.weight");
  const trained = reference.adagrad.find(({ name }) => name === "gentle")!.tensorsAfterStep["5"]!["dense1.weight"]!;
  assertDigest(start, index, { ...trained, float32Error: { l2: 0.06, max: 3e-4 } }, "dense1.weight", 1);
  assert.throws(() => assertDigest(start, index, trained, "dense1.weight"), /dense1.weight: .* expected/);
});

test("the learning rates follow lr / (1 + decay * it)", () => {
  for (const { learningRate, decay, learningRates } of reference.adagrad) {
    learningRates.forEach((rate, it) => {
      assert.ok(Math.abs(rate - learningRate / (1 + decay * it)) < 1e-9 * learningRate);
    });
  }
});
