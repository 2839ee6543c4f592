/** What is lowered for WebGPU, against the CPU; every optimizer; a model file; and that nothing is left to the CPU unseen. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { modelFile } from "../../src/artifacts/model_file.ts";
import { openClassifier } from "../../src/engine/classification/node/open_classifier.ts";
import { Graph } from "../../src/engine/graph/graph.ts";
import { toOnnx } from "../../src/engine/graph/onnx.ts";
import type { Fill } from "../../src/engine/nn/fill.ts";
import { initialize } from "../../src/engine/nn/initialize.ts";
import { movedImages } from "../../src/engine/nn/input.ts";
import type { Layer } from "../../src/engine/nn/layers.ts";
import type { ModelDescription } from "../../src/engine/nn/model.ts";
import { type DeviceName, lowerFor } from "../../src/engine/runtime/devices.ts";
import { openGraph, openOnnx } from "../../src/engine/runtime/node/session.ts";
import { GraphEngine } from "../../src/engine/training/graph_engine.ts";
import { OPTIMIZER_NAMES, type OptimizerName } from "../../src/engine/training/optimizers.ts";
import type { Batch, StepOptions } from "../../src/engine/training/step.ts";
import { buildStepGraph } from "../../src/engine/training/step_graph.ts";
import { drawMove, moveMatrix } from "../../src/histology/augmentation/geometry.ts";
import { drawJitter, jitterMatrix } from "../../src/histology/augmentation/stain.ts";
import { RECORD_BYTES, RECORD_SIZE_PIXELS } from "../../src/histology/dataset/record.ts";
import { RandomStream } from "../../src/system/random.ts";
import { type CancerNetReference, initialTensors, readGolden } from "../golden/reference.ts";
import { model } from "./golden_images.ts";
import { startWebGpu } from "./webgpu.ts";

const skip = (await startWebGpu()) ?? false;
const SIDE_PIXELS = 16;
const normalization = { kind: "batchNormalization", momentum: 0.9, epsilon: 1e-3 } as const;

/**
 * Every kind of layer, planes that a window does not divide, and a size that the images must be brought to. No normalization
 * follows the dense layer: it would leave its bias a gradient of rounding alone, which Adam makes a full step of.
 */
const smallModel: ModelDescription = {
  name: "small",
  source: "the tests",
  inputShape: [3, 13, 11],
  layers: [
    { kind: "separableConvolution", name: "conv1", filters: 4, kernelSize: 3 },
    { kind: "relu" },
    { ...normalization, name: "norm1" },
    { kind: "maxPool", size: 2 },
    { kind: "dropout", name: "dropout1", rate: 0.25 },
    { kind: "flatten" },
    { kind: "dense", name: "dense1", units: 5 },
    { kind: "relu" },
    { kind: "dense", name: "dense2", units: 2 },
  ] satisfies Layer[],
};

const optionsOf = (optimizer: OptimizerName): StepOptions => ({
  model: smallModel,
  imageSize: [SIDE_PIXELS, SIDE_PIXELS],
  optimizer,
  weightDecay: 0.01,
  dropout: true,
  move: true,
  recolour: true,
});

function batchOf(size: number, step: number): Batch {
  const random = new RandomStream(5, "batch", step);
  const dropout = new RandomStream(5, "dropout", step);
  const labels = Array.from({ length: size }, () => random.integer(2));
  return {
    images: random.bytes(size * SIDE_PIXELS * SIDE_PIXELS * 3),
    targets: Float32Array.from(labels.flatMap((label) => [1 - label, label])),
    weights: Float32Array.from(labels, (label) => 1 + label),
    moves: Float32Array.from(labels.flatMap(() => moveMatrix(drawMove(random)))),
    colours: Float32Array.from(labels.flatMap(() => jitterMatrix(drawJitter(random)))),
    randomBytes: (length) => dropout.bytes(length),
    learningRate: 1e-3,
    step,
  };
}

/** Two steps of batches of different sizes. */
async function train(optimizer: OptimizerName, device: DeviceName) {
  const engine = new GraphEngine(optionsOf(optimizer), initialize(smallModel, 1), { threads: 1, device, openGraph });
  try {
    const losses: number[] = [];
    for (const [step, size] of [5, 4].entries()) losses.push((await engine.step(batchOf(size, step))).loss);
    return { losses, state: await engine.state() };
  } finally {
    await engine.close();
  }
}

for (const optimizer of OPTIMIZER_NAMES) {
  test(`${optimizer}: steps with moves, stain changes and dropout give the CPU's losses and arrays`, {
    skip,
  }, async () => {
    const [expected, actual] = [await train(optimizer, "cpu"), await train(optimizer, "webgpu")];
    expected.losses.forEach((loss, step) => {
      const found = actual.losses[step]!;
      assert.ok(Math.abs(found - loss) <= 2e-5 * loss, `loss of step ${step}: ${found}, on the CPU ${loss}`);
    });
    assert.deepEqual([...actual.state.keys()], [...expected.state.keys()]);
    for (const [name, array] of expected.state) {
      const found = actual.state.get(name)!;
      const [difference, size] = [norm(array.map((value, place) => value - found[place]!)), norm(array)];
      assert.ok(difference <= 1e-3 * size + 1e-5, `${name} differs by ${difference} of ${size}`);
    }
  });
}

interface Filled {
  readonly name: string;
  readonly fill: Fill["mode"];
  readonly value: number;
  readonly rotationDegrees: number;
  readonly shearDegrees: number;
  readonly rowShift: number;
  readonly columnShift: number;
  readonly rowZoom: number;
  readonly columnZoom: number;
  readonly flipLeftRight: boolean;
  readonly flipTopBottom: boolean;
  readonly pixels: number[][][];
}

test("moves far outside give scipy's pixels, whatever lies around", { skip }, async () => {
  const golden = readGolden<{ images: { square: number[][][] }; fills: Filled[] }>("augmentation");
  const side = golden.images.square[0]!.length;
  for (const { name, fill, value, pixels, flipLeftRight, flipTopBottom, ...move } of golden.fills) {
    const graph = new Graph();
    const image = graph.input("image", "float32", [1, 3, side, side]);
    graph.output("moved", movedImages(image, graph.input("matrix", "float32", [1, 2, 3]), { mode: fill, value }));
    const session = await openGraph(graph, { threads: 1, device: "webgpu" });
    const matrix = moveMatrix({ ...move, flipRows: flipTopBottom, flipColumns: flipLeftRight });
    const { moved } = await session.run({
      image: { data: Float32Array.from(golden.images.square.flat(2)), shape: [1, 3, side, side] },
      matrix: { data: Float32Array.from(matrix), shape: [1, 2, 3] },
    });
    await session.close();
    for (const [index, expected] of pixels.flat(2).entries()) {
      const difference = Math.abs(Number(moved!.data[index]) - expected);
      assert.ok(difference < 5e-3, `${name}, ${fill}: pixel ${index} differs by ${difference}`);
    }
  }
});

function norm(array: Float32Array): number {
  return Math.sqrt(array.reduce((sum, value) => sum + value * value, 0));
}

test("a graph that WebGPU cannot run whole is refused, not left to the CPU", { skip }, async () => {
  const graph = buildStepGraph(optionsOf("sgd"), 4);
  const forTheCpu = toOnnx(lowerFor("cpu", graph));
  await assert.rejects(openOnnx(forTheCpu, { threads: 1, device: "webgpu" }), /assigned to the default CPU EP/);
  const session = await openGraph(graph, { threads: 1, device: "webgpu" });
  await session.close();
});

test("a model file gives on WebGPU the CPU's probabilities to 5e-6", { skip }, async () => {
  const facts = { dataset_sha256: "", epoch: 1, seed: 1, recipe: "none" };
  const file = modelFile({ model, arrays: initialTensors(readGolden<CancerNetReference>("cancernet")) }, facts);
  const count = 40;
  const images = new RandomStream(9, "images").bytes(count * RECORD_BYTES);
  const classify = async (device: DeviceName) => {
    const classifier = await openClassifier({ onnx: file }, RECORD_SIZE_PIXELS, { threads: 1, device });
    try {
      const { probabilities } = await classifier.classify(count, (first, size, into) => {
        into.set(images.subarray(first * RECORD_BYTES, (first + size) * RECORD_BYTES));
      });
      return probabilities;
    } finally {
      await classifier.close();
    }
  };
  const [expected, actual] = [await classify("cpu"), await classify("webgpu")];
  assert.ok(new Set(expected).size > count / 2, "the images differ");
  const largest = Math.max(...expected.map((value, place) => Math.abs(value - actual[place]!)));
  assert.ok(largest <= 5e-6, `they differ by up to ${largest}`);
});
