/** The exported graph: eight views make it blind to turns and flips, and a temperature divides the logits. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Graph } from "../../src/engine/graph/graph.ts";
import { amendOnnx, toOnnx } from "../../src/engine/graph/onnx.ts";
import { onnxMetadata } from "../../src/engine/graph/read_onnx.ts";
import {
  buildInferenceGraph,
  constantParameters,
  LOGIT,
  LOGIT_SCALE,
  logitOf,
  PATCHES,
  PROBABILITY,
} from "../../src/engine/models/inference.ts";
import { initialize } from "../../src/engine/nn/initialize.ts";
import { loadImages, scaleRange } from "../../src/engine/nn/input.ts";
import { applyModel, type ModelDescription } from "../../src/engine/nn/model.ts";
import { lowerForCpu } from "../../src/engine/runtime/devices.ts";
import { openOnnx } from "../../src/engine/runtime/node/session.ts";
import { RandomStream } from "../../src/system/random.ts";
import { model, SIDE, smallModelFile } from "./small_model.ts";

const image = new RandomStream(1, "image").bytes(SIDE * SIDE * 3);

/** The image whose pixel (row, column) is the given one of the original. */
const moved = (source: (row: number, column: number) => [number, number]): Uint8Array =>
  image.map((_, index) => {
    const [row, column] = source(Math.floor(index / (3 * SIDE)), Math.floor(index / 3) % SIDE);
    return image[(row * SIDE + column) * 3 + (index % 3)]!;
  });
const LAST = SIDE - 1;
const VIEWS = [
  moved((row, column) => [row, column]),
  moved((row, column) => [row, LAST - column]),
  moved((row, column) => [LAST - row, column]),
  moved((row, column) => [LAST - row, LAST - column]),
  moved((row, column) => [column, row]),
  moved((row, column) => [column, LAST - row]),
  moved((row, column) => [LAST - column, row]),
  moved((row, column) => [LAST - column, LAST - row]),
];

async function valuesOf(bytes: Uint8Array, output: string): Promise<number[]> {
  const session = await openOnnx(bytes, { threads: 1 });
  const data = Buffer.concat(VIEWS);
  const result = await session.run({ [PATCHES]: { data, shape: [VIEWS.length, SIDE, SIDE, 3] } });
  await session.close();
  return [...(result[output]!.data as Float32Array)];
}

const probabilities = (bytes: Uint8Array): Promise<number[]> => valuesOf(bytes, PROBABILITY);

const logit = (p: number) => Math.log(p / (1 - p));

test("with eight views every flip and turn has the same probability: that of the mean logit", async () => {
  const single = await probabilities(smallModelFile());
  assert.ok(Math.max(...single) - Math.min(...single) > 1e-3);
  const mean = single.map(logit).reduce((sum, one) => sum + one, 0) / 8;
  for (const probability of await probabilities(smallModelFile({ views: 8 })))
    assert.ok(Math.abs(logit(probability) - mean) < 1e-5);
});

test("an amended temperature divides the logits, and metadata is replaced by key", async () => {
  const before = await probabilities(smallModelFile());
  const plain = smallModelFile({ metadata: { a: "1", b: "2" } });
  const changed = new Map([[LOGIT_SCALE, Float32Array.of(0.5)]]);
  const amended = amendOnnx(plain, { arrays: changed, metadata: { b: "3", c: "4" } });
  assert.deepEqual(onnxMetadata(amended), { a: "1", b: "3", c: "4" });
  const after = await probabilities(amended);
  after.forEach((probability, index) => {
    assert.ok(Math.abs(logit(probability) - logit(before[index]!) / 2) < 1e-5);
  });
  const wrong = new Map([["nothing", Float32Array.of(1)]]);
  assert.throws(() => amendOnnx(plain, { arrays: wrong, metadata: {} }), /no array "nothing"/);
});

test("a normalization of ReLU's values may come after the pooling behind it: the same bits, and only where all its scales are positive", async () => {
  const pooling: ModelDescription = {
    ...model,
    layers: [
      { kind: "separableConvolution", name: "conv1", filters: 16, kernelSize: 3 },
      { kind: "relu" },
      { kind: "batchNormalization", name: "norm1", momentum: 0.9, epsilon: 1e-3 },
      { kind: "maxPool", size: 2 },
      { kind: "flatten" },
      { kind: "dense", name: "dense1", units: 2 },
    ],
  };
  const random = new RandomStream(5, "statistics");
  for (const lowest of [0.5, 0, -1]) {
    const arrays = new Map(initialize(pooling, 3));
    const draw = (part: string, from: number, to: number) =>
      arrays.set(
        `norm1.${part}`,
        arrays.get(`norm1.${part}`)!.map(() => random.uniform(from, to)),
      );
    draw("offset", -1, 1);
    draw("mean", -1, 1);
    draw("variance", 0.1, 2);
    draw("scale", 0.5, 2);
    arrays.get("norm1.scale")![0] = lowest;
    const graph = new Graph();
    const patches = graph.input(PATCHES, "uint8", ["batch", "height", "width", 3]);
    const images = scaleRange(loadImages(patches, SIDE, SIDE));
    graph.output(LOGIT, logitOf(applyModel(pooling, images, constantParameters(graph, pooling, arrays))));
    const built = buildInferenceGraph({ model: pooling, arrays });
    const order = built.nodes.map(({ op }) => op).filter((op) => /norm|pool/i.test(op));
    assert.equal(/pool/i.test(order[0]!), lowest > 0, `${lowest}: ${order}`);
    const expected = await valuesOf(toOnnx(lowerForCpu(graph)), LOGIT);
    assert.ok(new Set(expected).size > VIEWS.length / 2);
    assert.deepEqual(await valuesOf(toOnnx(lowerForCpu(built)), LOGIT), expected, `${lowest}`);
  }
});
