/** A model in two parts: our kernels up to the first pooling, ONNX Runtime behind it. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { bundledModelPath } from "../../../src/artifacts/bundled_models.ts";
import { modelFile } from "../../../src/artifacts/model_file.ts";
import { divided } from "../../../src/artifacts/model_parts.ts";
import { modelFileOf } from "../../../src/artifacts/open_model.ts";
import { openBlockModel } from "../../../src/engine/classification/node/open_block_model.ts";
import { openClassifier } from "../../../src/engine/classification/node/open_classifier.ts";
import { toOnnx } from "../../../src/engine/graph/onnx.ts";
import { readOnnx } from "../../../src/engine/graph/read_onnx.ts";
import { frontOf, openFront } from "../../../src/engine/inference/front.ts";
import { buildFrontGraph, buildInferenceGraph, FRONT } from "../../../src/engine/models/inference.ts";
import { MODELS } from "../../../src/engine/models/table.ts";
import { initialize } from "../../../src/engine/nn/initialize.ts";
import type { Arrays, ModelDescription } from "../../../src/engine/nn/model.ts";
import { openGraph } from "../../../src/engine/runtime/node/session.ts";
import { BUNDLED_MODELS } from "../../../src/options/bundled_models.ts";
import { RandomStream } from "../../../src/system/random.ts";
import { WebAssembly } from "../../../src/util/web_assembly.ts";
import { CARD, modelBytes } from "../../support/inputs.ts";
import { model as small } from "../small_model.ts";

const kernels = new WebAssembly.Module(readFileSync("dist/engine/inference/kernels.wasm"));
const COUNT = 3;
const imagesOf = (side: number) => new RandomStream(1, "images").bytes(COUNT * side * side * 3);

/** Starting weights with scales of both signs, and none that is as it starts. */
function withSigns(model: ModelDescription): Arrays {
  const stream = new RandomStream(1, "signs");
  const arrays = initialize(model, 3);
  for (const [name, array] of arrays) {
    const [low, high] = name.endsWith("variance") ? [0.01, 0.1] : [-0.5, 0.5];
    if (!name.endsWith("weight")) for (let i = 0; i < array.length; i++) array[i] = stream.uniform(low, high);
  }
  return arrays;
}

for (const [name, side] of [
  ["slim", 50],
  ["cancernet", 48],
  ["compact", 71],
] as const) {
  test(`the front of ${name} has the numbers of ONNX Runtime, also where normalization turns the order around`, async () => {
    const model = frontOf(MODELS[name])!;
    const arrays = withSigns(model);
    assert.ok(arrays.get("norm1.scale")!.some((scale) => scale < 0));
    const session = await openGraph(buildFrontGraph({ model, arrays }), { threads: 1 });
    const images = imagesOf(side);
    const patches = { data: images, shape: [COUNT, side, side, 3] };
    const { data, shape } = (await session.run({ patches }))[FRONT]!;
    await session.close();
    const front = openFront(kernels, { model, arrays }, { side, most: COUNT + 1 });
    const found = front.run(images, COUNT);
    const [height, width, channels] = front.shape;
    assert.deepEqual([COUNT, channels, height, width], shape);
    let largest = 0;
    for (let at = 0; at < found.length; at++) {
      const [image, pixel, channel] = [
        Math.floor(at / (height * width * channels)),
        Math.floor(at / channels) % (height * width),
        at % channels,
      ];
      const expected = Number(data[(image * channels + channel) * height * width + pixel]);
      largest = Math.max(largest, Math.abs(found[at]! - expected) / Math.max(1, Math.abs(expected)));
    }
    assert.ok(largest < 2e-6, String(largest));
    assert.deepEqual(
      [...front.run(images.slice(side * side * 3), 1)],
      [...found.slice(found.length / 3, (2 * found.length) / 3)],
    );
  });
}

for (const name of Object.keys(BUNDLED_MODELS)) {
  test(`${name} runs in two parts, with the answers of the whole file up to rounding`, async () => {
    const file = modelFileOf(readFileSync(bundledModelPath(name)!), name);
    const parts = divided(file, file.bytes);
    assert.ok(parts.front);
    const images = imagesOf(50);
    const [one, other] = await Promise.all(
      [parts, { onnx: file.bytes }].map(async (model) => {
        const classifier = await openClassifier(model, 50, { threads: 1 });
        const answers = await classifier.classify(COUNT, (first, count, into) =>
          into.set(images.subarray(first * 7500, (first + count) * 7500)),
        );
        await classifier.close();
        return answers;
      }),
    );
    assert.ok(one!.features.length > 0 && one!.features.length === other!.features.length);
    for (const key of ["probabilities", "logits", "features"] as const) {
      for (const [place, value] of one![key].entries()) {
        const expected = other![key][place]!;
        assert.ok(Math.abs(value - expected) <= 1e-5 * Math.max(1, Math.abs(expected)), `${key}: ${value} ${expected}`);
      }
    }
  });
}

test("a file stays whole if it has several views, another start, or layers without a front", () => {
  const wholeOf = (bytes: Uint8Array) => {
    const file = modelFileOf(bytes, "the model");
    return divided(file, file.bytes);
  };
  assert.ok(wholeOf(modelBytes("compact")).front);
  const arrays = initialize(MODELS.compact, 1);
  const views = modelFile({ model: MODELS.compact, arrays, views: 2 }, CARD);
  assert.deepEqual(wholeOf(views), { onnx: views });
  // The graph of another network, under the name and with the card of compact.
  const file = modelFileOf(modelBytes("compact"), "the model");
  const other = readOnnx(toOnnx(buildInferenceGraph({ model: MODELS.slim, arrays: initialize(MODELS.slim, 1) })));
  assert.equal(divided({ ...file, file: other }, file.bytes).front, undefined);
  const unknown = { ...file, card: { ...file.card, model: "unknown" } };
  assert.equal(divided(unknown, file.bytes).front, undefined);
  assert.equal(frontOf(small), undefined, "six filters");
  assert.equal(frontOf({ ...MODELS.slim, layers: MODELS.slim.layers.slice(1) }), undefined);
});

test("a rest with another input than the front gives is refused", async () => {
  const file = modelFileOf(modelBytes("compact"), "the model");
  const { front } = divided(file, file.bytes);
  const size = { imageSizePixels: 50, anyBlockSize: true };
  await assert.rejects(
    openBlockModel({ onnx: file.bytes, front: front! }, size, { threads: 1 }),
    /its input is not "front"/,
  );
});
