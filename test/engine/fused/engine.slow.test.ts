/** The fused engine: the same bits for any number of workers, the graph engine's numbers at odd sizes, what it refuses. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { EngineName } from "../../../src/engine/engine_names.ts";
import { chooseEngine, openEngine, requireMemory } from "../../../src/engine/engines.ts";
import { planFused } from "../../../src/engine/fused/plan.ts";
import { MODELS, modelFor } from "../../../src/engine/models/table.ts";
import { FILL_MODES, type Fill } from "../../../src/engine/nn/fill.ts";
import { initialize } from "../../../src/engine/nn/initialize.ts";
import type { Layer } from "../../../src/engine/nn/layers.ts";
import type { ModelDescription } from "../../../src/engine/nn/model.ts";
import type { OptimizerName } from "../../../src/engine/training/optimizers.ts";
import type { Batch, StepOptions } from "../../../src/engine/training/step.ts";
import { drawMove, moveMatrix } from "../../../src/histology/augmentation/geometry.ts";
import { drawJitter, jitterMatrix } from "../../../src/histology/augmentation/stain.ts";
import { RandomStream } from "../../../src/system/random.ts";
import { refused } from "../../support/refused.ts";
import { model } from "../golden_images.ts";

const SIDE_PIXELS = 50;
const normalization = { kind: "batchNormalization", momentum: 0.9, epsilon: 1e-3 } as const;

/** A model whose planes are odd and no multiple of 4, with a block without pooling and one without dropout. */
const oddModel: ModelDescription = {
  name: "odd",
  source: "the tests",
  inputShape: [3, 23, 19],
  layers: [
    { kind: "separableConvolution", name: "conv1", filters: 5, kernelSize: 3 },
    { kind: "relu" },
    { ...normalization, name: "norm1" },
    { kind: "maxPool", size: 2 },
    { kind: "separableConvolution", name: "conv2", filters: 7, kernelSize: 3 },
    { kind: "relu" },
    { ...normalization, name: "norm2" },
    { kind: "separableConvolution", name: "conv3", filters: 6, kernelSize: 3 },
    { kind: "relu" },
    { ...normalization, name: "norm3" },
    { kind: "maxPool", size: 2 },
    { kind: "dropout", name: "dropout1", rate: 0.25 },
    { kind: "flatten" },
    { kind: "dense", name: "dense1", units: 2 },
  ],
};

function batchOf(size: number, step: number, move: boolean, side = SIDE_PIXELS): Batch {
  const random = new RandomStream(11, "batch", step);
  const dropout = new RandomStream(11, "dropout", step);
  const labels = Array.from({ length: size }, () => random.integer(2));
  return {
    images: random.bytes(size * side * side * 3),
    targets: Float32Array.from(labels.flatMap((label) => [1 - label, label])),
    weights: Float32Array.from(labels, (label) => 1 + label),
    ...(move ? { moves: Float32Array.from(labels.flatMap(() => moveMatrix(drawMove(random)))) } : {}),
    colours: Float32Array.from(labels.flatMap(() => jitterMatrix(drawJitter(random)))),
    randomBytes: (length) => dropout.bytes(length),
    learningRate: 1e-3,
    step,
  };
}

/** The losses and all arrays after a step on a batch of each size. */
async function run(
  name: EngineName,
  trained: ModelDescription,
  {
    sizes,
    threads,
    optimizer,
    move,
    fill,
    side = SIDE_PIXELS,
  }: {
    sizes: readonly number[];
    threads: number;
    optimizer: OptimizerName;
    move: boolean;
    fill?: Fill;
    /** Of the images that come in. */
    side?: number;
  },
) {
  const options: StepOptions = {
    model: trained,
    imageSize: [side, side],
    optimizer,
    weightDecay: 0.01,
    dropout: true,
    move,
    ...(fill ? { fill } : {}),
    recolour: true,
  };
  const engine = openEngine(name, options, initialize(trained, 1), { threads });
  const losses: number[] = [];
  for (const [step, size] of sizes.entries()) losses.push((await engine.step(batchOf(size, step, move, side))).loss);
  const state = await engine.state();
  await engine.close();
  return { losses, state };
}

test("1, 2, 3 and 4 workers give the same bits, also where a worker has no image", async () => {
  const sizes = [7, 3, 6];
  const options = { sizes, optimizer: "adamw", move: true } as const;
  const expected = await run("fused", model, { ...options, threads: 1 });
  for (const threads of [2, 3, 4]) assert.deepEqual(await run("fused", model, { ...options, threads }), expected);
});

// A ReLU or a maximum within rounding of its kink may decide otherwise. Moved pixels differ by some 1e-6, more than by the
// rounding of a sum, so more of them do.
for (const [title, trained, sizes, move, tolerance] of [
  ["CancerNet", model, [33], false, 2e-3],
  ["CancerNet", model, [33], true, 3e-2],
  ["CancerNet", model, [1], true, 3e-2],
  ["the compact model", MODELS.compact, [5], false, 2e-3],
  ["odd planes", oddModel, [7], false, 2e-3],
  ["odd planes", oddModel, [5, 9], true, 3e-2],
] as const) {
  test(`${title} at ${sizes.join(" and ")} images${move ? ", moved" : ""}: the graph engine's losses and arrays`, async () => {
    // Adam's first step is as large for a gradient that is all but zero, whose sign is a matter of rounding.
    const options = { sizes, threads: 2, optimizer: "adagrad", move } as const;
    await assertEnginesAgree(trained, options, tolerance);
  });
}

// The more pixels, the more of them are within rounding of a kink.
for (const [name, side, input, sizes, tolerance] of [
  ["compact", 16, 16, [9], 2e-3],
  ["cancernet", 16, 16, [9], 2e-3],
  ["compact", 32, 32, [7, 3], 2e-3],
  ["cancernet", 37, 32, [7], 2e-3],
  ["slim", 50, 48, [6], 2e-3],
  ["compact", 64, 64, [6], 2e-3],
  ["cancernet", 64, 50, [6], 2e-3],
  ["compact", 96, 96, [4], 2e-3],
  ["cancernet", 96, 96, [5], 2e-3],
  ["compact", 50, 96, [5], 2e-3],
  // From here on planes have more pixels than the blocks have channels.
  ["compact", 150, 144, [2], 3e-2],
] as const) {
  test(`${name} for ${input} pixels, from ${side}: the graph engine's losses and arrays, the same bits for 1 and 3 workers`, async () => {
    const trained = modelFor(name, input);
    const options = { sizes, threads: 3, optimizer: "adagrad", move: false, side } as const;
    await assertEnginesAgree(trained, options, tolerance);
    const one = await run("fused", trained, { ...options, threads: 1 });
    const three = await run("fused", trained, options);
    assert.deepEqual(three.losses, one.losses);
    for (const [array, values] of one.state) {
      assert.ok(Buffer.from(values.buffer).equals(Buffer.from(three.state.get(array)!.buffer)), array);
    }
  });
}

for (const mode of FILL_MODES) {
  test(`moves far outside, filled with ${mode}: the graph engine's losses and arrays`, async () => {
    const fill = { mode, value: 200 };
    const options = { sizes: [9], threads: 2, optimizer: "adagrad", move: true, fill } as const;
    await assertEnginesAgree(oddModel, options, 3e-2);
  });
}

test("each way to fill trains something else, and the nearest pixel is the one that is taken if none is given", async () => {
  const options = { sizes: [9], threads: 1, optimizer: "adagrad", move: true } as const;
  const { losses: usual } = await run("fused", oddModel, options);
  const filled = await Promise.all(
    FILL_MODES.map(async (mode) => (await run("fused", oddModel, { ...options, fill: { mode, value: 200 } })).losses),
  );
  assert.deepEqual(filled[0], usual);
  assert.equal(new Set(filled.map(String)).size, FILL_MODES.length);
});

async function assertEnginesAgree(
  trained: ModelDescription,
  options: Parameters<typeof run>[2],
  tolerance: number,
): Promise<void> {
  const expected = await run("graph", trained, options);
  const actual = await run("fused", trained, options);
  actual.losses.forEach((loss, step) => {
    assert.ok(
      Math.abs(loss - expected.losses[step]!) < 2e-4 * Math.abs(expected.losses[step]!),
      `loss of step ${step}`,
    );
  });
  assert.deepEqual([...actual.state.keys()], [...expected.state.keys()]);
  for (const [name, array] of expected.state) {
    const found = actual.state.get(name)!;
    const [difference, size] = [norm(array.map((value, k) => value - found[k]!)), norm(array)];
    assert.ok(difference <= tolerance * size + 1e-6, `${name} differs by ${difference} of ${size}`);
  }
}

function norm(array: Float32Array): number {
  return Math.sqrt(array.reduce((sum, value) => sum + value * value, 0));
}

test("a model that the kernels do not run is refused with the reason, and left to the graph engine", () => {
  const withLayers = (layers: readonly Layer[]): ModelDescription => ({ ...oddModel, layers });
  const dense = withLayers(oddModel.layers.slice(-2));
  assert.match(planFused(dense) as string, /does not begin with a separable 3x3 convolution/);
  assert.match(planFused(withLayers(oddModel.layers.filter(({ kind }) => kind !== "maxPool"))) as string, /pooling/);
  assert.deepEqual(chooseEngine(model, "auto").engine, "fused");
  assert.equal(chooseEngine(dense, "auto").engine, "graph");
  assert.match(chooseEngine(dense, "auto").reason, /not fused, because odd does not begin/);
  assert.throws(() => chooseEngine(dense, "fused"), refused("engine-unsupported"));
});

test("a batch that needs more memory than a worker can have is refused beforehand, and fits with more workers", () => {
  const large = modelFor("compact", 512);
  assert.throws(
    () => requireMemory("fused", large, { images: 32, threads: 1 }),
    refused(
      "memory-insufficient",
      /would need 4\.9 GiB of memory per thread .* 4 GiB is the most: use a smaller batch size, more threads/,
    ),
  );
  requireMemory("fused", large, { images: 32, threads: 2 });
  requireMemory("fused", large, { images: 24, threads: 1 });
  requireMemory("graph", large, { images: 32, threads: 1 });
  for (const threads of [1, 8]) requireMemory("fused", MODELS.cancernet, { images: 2048, threads });
  assert.equal(chooseEngine(large, "auto").engine, "fused");
});
