/** The same bits whatever the number of threads, from run to run, and wherever a patch stands in its batch. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { buildInferenceGraph, PATCHES, PROBABILITY } from "../../src/engine/models/inference.ts";
import { initialize } from "../../src/engine/nn/initialize.ts";
import { convolutionWeightGradient, matMul } from "../../src/engine/ops/linear.ts";
import { openGraph } from "../../src/engine/runtime/node/session.ts";
import { GraphEngine } from "../../src/engine/training/graph_engine.ts";
import type { Batch, StepOptions } from "../../src/engine/training/step.ts";
import { drawMove, moveMatrix } from "../../src/histology/augmentation/geometry.ts";
import { drawJitter, jitterMatrix } from "../../src/histology/augmentation/stain.ts";
import { RandomStream } from "../../src/system/random.ts";
import { type CancerNetReference, initialTensors, readGolden } from "../golden/reference.ts";
import { model } from "./golden_images.ts";
import { assertAllClose, distinct, graphOf } from "./running.ts";

const SIDE_PIXELS = 50;
const BATCH_SIZES = [6, 5, 6];
const OPTIONS: StepOptions = {
  model,
  imageSize: [SIDE_PIXELS, SIDE_PIXELS],
  optimizer: "adam",
  weightDecay: 1e-4,
  dropout: true,
  move: true,
  recolour: true,
};

function batchOf(step: number): Batch {
  const size = BATCH_SIZES[step]!;
  const random = new RandomStream(7, "batch", step);
  const each = Array.from({ length: size }, (_, index) => index);
  const dropout = new RandomStream(7, "dropout", step);
  return {
    images: random.bytes(size * SIDE_PIXELS * SIDE_PIXELS * 3),
    targets: Float32Array.from(each.flatMap((index) => [index % 2, 1 - (index % 2)])),
    weights: Float32Array.from(each, (index) => 1 + (index % 2)),
    moves: Float32Array.from(each.flatMap(() => moveMatrix(drawMove(random)))),
    colours: Float32Array.from(each.flatMap(() => jitterMatrix(drawJitter(random)))),
    randomBytes: (length) => dropout.bytes(length),
    learningRate: 1e-3,
    step,
  };
}

/** Three steps: every loss, every probability and the whole state, as they are in memory. */
async function train(threads: number) {
  const training = new GraphEngine(OPTIONS, initialize(model, 42), { threads, openGraph });
  const losses: number[] = [];
  const arrays: [string, Float32Array][] = [];
  for (const step of BATCH_SIZES.keys()) {
    const { loss, probabilities } = await training.step(batchOf(step));
    losses.push(loss);
    arrays.push([`probabilities of step ${step}`, probabilities.slice()]);
  }
  arrays.push(...(await training.state()));
  await training.close();
  return { losses, arrays };
}

const bytesOf = (array: Float32Array) => Buffer.from(array.buffer, array.byteOffset, array.byteLength);

function assertSame(actual: Awaited<ReturnType<typeof train>>, expected: Awaited<ReturnType<typeof train>>): void {
  assert.deepEqual(actual.losses, expected.losses);
  assert.equal(actual.arrays.length, expected.arrays.length);
  for (const [index, [name, array]] of expected.arrays.entries()) {
    assert.equal(actual.arrays[index]![0], name);
    assert.ok(bytesOf(actual.arrays[index]![1]).equals(bytesOf(array)), `${name} has the same bits`);
  }
}

const reference = train(1);

test("a training is one: losses are finite, weights move", async () => {
  const { losses, arrays } = await reference;
  assert.equal(losses.length, 3);
  assert.ok(losses.every((loss) => loss > 0.1 && loss < 10));
  const start = initialize(model, 42);
  for (const [name, array] of arrays) {
    assert.ok(array.every(Number.isFinite), `${name} is finite`);
    const before = start.get(name);
    if (before) assert.ok(!bytesOf(array).equals(bytesOf(before)), `${name} has moved`);
  }
});

for (const threads of [1, 2, 3, 4]) {
  const what = threads === 1 ? "a second training on one thread" : `a training on ${threads} threads`;
  test(`${what} gives the same bits`, async () => assertSame(await train(threads), await reference));
}

test("long sums of products are right, and the same on 1 to 16 threads", async () => {
  const random = new RandomStream(11, "products");
  const feeds = {
    left: distinct([6, 384], random),
    right: distinct([384, 160], random),
    images: distinct([7, 3, 48, 48], random),
    gradient: distinct([7, 3, 48, 48], random),
  };
  const { graph, inputs } = graphOf(feeds);
  graph.output("product", matMul(inputs.left, inputs.right));
  graph.output("weight", convolutionWeightGradient(inputs.images, inputs.gradient, [3, 1, 3, 3], { groups: 3 }));
  const results = [];
  for (const threads of [1, 4, 16]) {
    const session = await openGraph(graph, { threads });
    results.push(await session.run(feeds));
    await session.close();
  }
  for (const result of results) {
    assert.deepEqual(result.product!.data, results[0]!.product!.data);
    assert.deepEqual(result.weight!.data, results[0]!.weight!.data);
  }
  const exact = Array.from({ length: 6 * 160 }, (_, index) => {
    const [row, column] = [Math.floor(index / 160), index % 160];
    let sum = 0;
    for (let k = 0; k < 384; k++) {
      sum += (feeds.left.data[row * 384 + k] as number) * (feeds.right.data[k * 160 + column] as number);
    }
    return sum;
  });
  assertAllClose(results[0]!.product!.data as Float32Array, exact, 1e-6, "product");
});

test("a patch gets the same bits wherever it stands in a batch of 64", async () => {
  const [count, patchSize] = [64, SIDE_PIXELS * SIDE_PIXELS * 3];
  const shape = [count, SIDE_PIXELS, SIDE_PIXELS, 3];
  const patches = new RandomStream(3, "patches").bytes(count * patchSize);
  const order = new RandomStream(3, "order").shuffle(Array.from({ length: count }, (_, index) => index));
  const shuffled = new Uint8Array(patches.length);
  for (const [to, from] of order.entries()) {
    shuffled.set(patches.subarray(from * patchSize, (from + 1) * patchSize), to * patchSize);
  }
  const session = await openGraph(
    buildInferenceGraph({ model, arrays: initialTensors(readGolden<CancerNetReference>("cancernet")) }),
    { threads: 2 },
  );
  const run = async (data: Uint8Array) =>
    (await session.run({ [PATCHES]: { data, shape } }))[PROBABILITY]!.data as Float32Array;
  const [straight, mixed] = [await run(patches), await run(shuffled)];
  await session.close();
  assert.deepEqual(
    Array.from(mixed),
    order.map((from) => straight[from]),
  );
  assert.ok(new Set(straight).size > 32, "the patches differ");
});
