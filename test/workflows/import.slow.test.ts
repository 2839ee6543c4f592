/** The verb import: Keras's files of every layout give TensorFlow.js's probabilities; another network is refused by its first difference. */

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { before, test } from "node:test";
import { openModel } from "../../src/artifacts/open_model.ts";
import { storedLayers } from "../../src/engine/keras/stored_layers.ts";
import { LOGIT, PATCHES, PROBABILITY } from "../../src/engine/models/inference.ts";
import { MODELS, type ModelName } from "../../src/engine/models/table.ts";
import { openOnnx } from "../../src/engine/runtime/node/session.ts";
import { importOptions } from "../../src/options/import.ts";
import { readBytes } from "../../src/system/files.ts";
import { RandomStream } from "../../src/system/random.ts";
import { importWeights } from "../../src/workflows/import.ts";
import { archive, newWeights, oldFile, sequential } from "../engine/keras/files.ts";
import { type KerasLayer, type KerasNetwork, kerasNetwork } from "../engine/keras/network.ts";
import { context } from "../support/cohort.ts";
import { useFolder } from "../support/folder.ts";
import { type Refusal, refused } from "../support/refused.ts";

const SIDE = 48;
const COUNT = 4;
const TOLERANCE = 1e-5;
/** Noise, each image brighter than the one before it. */
const images = new RandomStream(3, "images")
  .bytes(COUNT * SIDE * SIDE * 3)
  .map((byte, i) => byte * (0.1 + (0.9 * Math.floor(i / (SIDE * SIDE * 3))) / COUNT));
const at = useFolder("import");
let network: KerasNetwork;

before(async () => {
  network = await kerasNetwork(MODELS.cancernet, 1);
});

async function imported(bytes: Uint8Array, model: ModelName = "cancernet") {
  const [weights, out] = [at("weights"), at("model.onnx")];
  rmSync(out, { force: true });
  writeFileSync(weights, bytes);
  const result = await importWeights(importOptions.parse({ weights, out, model }), context);
  return { out, result };
}

async function run(path: string) {
  const session = await openOnnx(await readBytes(path, "the model"), { threads: 1 });
  const results = await session.run({ [PATCHES]: { data: images, shape: [COUNT, SIDE, SIDE, 3] } });
  await session.close();
  return [PROBABILITY, LOGIT].map((name) => results[name]!.data as Float32Array) as [Float32Array, Float32Array];
}

function assertSame(found: Float32Array, expected: Float32Array): void {
  assert.equal(found.length, COUNT);
  for (const [i, value] of expected.entries()) {
    assert.ok(Math.abs(value - found[i]!) < TOLERANCE, `${found[i]} for ${value}`);
  }
}

const LAYOUTS: Readonly<
  Record<string, [described: boolean, write: (layers: readonly KerasLayer[]) => Promise<Uint8Array>]>
> = {
  "Keras 2, save_weights": [false, (layers) => oldFile(layers)],
  "Keras 2, save": [true, (layers) => oldFile(layers, { model: true })],
  "Keras 3, .weights.h5": [false, newWeights],
  "Keras 3, .keras": [true, (layers) => archive(layers)],
  "Keras 3, .keras, deflated": [true, (layers) => archive(layers, { deflate: true })],
};

for (const [layout, [described, write]] of Object.entries(LAYOUTS)) {
  test(`${layout}: the probabilities of TensorFlow.js`, async () => {
    const { out, result } = await imported(await write(network.layers));
    assert.deepEqual([result.architecture, result.parameters, result.described], ["cancernet", 1_235_133, described]);
    const [probabilities] = await run(out);
    const expected = network.classify(images, COUNT);
    assert.ok(Math.max(...expected) - Math.min(...expected) > 0.05, `the patches differ: ${expected}`);
    assertSame(probabilities, expected);
  });
}

test("the compact model, and activations inside the layers, come likewise", async () => {
  const compact = await kerasNetwork(MODELS.compact, 2);
  const { out } = await imported(await archive(compact.layers), "compact");
  assertSame((await run(out))[0], compact.classify(images, COUNT));
  const inside = compact.layers.flatMap((layer, index) => {
    if (layer.className === "Activation") return [];
    const next = compact.layers[index + 1];
    const activation = next?.className === "Activation" ? { activation: next.config.activation } : {};
    return [{ ...layer, config: { ...layer.config, ...activation } }];
  });
  const { result } = await imported(await oldFile(inside, { model: true }), "compact");
  assert.ok(result.described);
});

test("the card says what is not known, and that nothing is calibrated", async () => {
  const { out } = await imported(await newWeights(network.layers));
  const { card, classifier } = await openModel(out, { threads: 1 });
  await classifier.close();
  const { dataset_sha256, epoch, seed, recipe, threshold, temperature, views } = card;
  assert.deepEqual([dataset_sha256, epoch, seed, recipe], [null, null, null, "imported"]);
  assert.deepEqual([threshold, temperature, views], [0.5, 1, 1]);
});

/** A layer as a network of its own has it, without weights. */
const rescaling = (scale: number, offset = 0): KerasLayer => ({
  className: "Rescaling",
  name: "rescaling",
  config: { name: "rescaling", scale, offset },
  weights: [],
});

test("images scaled to 0..1 within the network are what import takes for granted; another scale is another network", async () => {
  const expected = network.classify(images, COUNT);
  for (const scale of [1 / 255, Math.fround(1 / 255)]) {
    for (const bytes of [
      await oldFile([rescaling(scale), ...network.layers], { model: true }),
      await archive([rescaling(scale), ...network.layers]),
    ])
      assertSame((await run((await imported(bytes)).out))[0], expected);
  }
  await assert.rejects(
    archive([rescaling(1 / 127.5, -1), ...network.layers]).then((bytes) => imported(bytes)),
    refused(
      "weights-mismatch",
      /its layer rescaling is Rescaling by 0.00784313725490196 and -1, but cancernet has SeparableConv2D/,
    ),
  );
  await assert.rejects(
    archive([network.layers[0]!, rescaling(1 / 255), ...network.layers.slice(1)]).then((bytes) => imported(bytes)),
    refused("weights-mismatch", /its layer rescaling is Rescaling by 1\/255, but cancernet has relu/),
  );
});

/** The first `count` layers as a network that is a layer of another. */
const nested = (layers: readonly KerasLayer[], count: number): KerasLayer[] => [
  {
    className: "Sequential",
    name: "base",
    config: (sequential(layers.slice(0, count)) as { config: Record<string, unknown> }).config,
    weights: [],
    layers: layers.slice(0, count),
  },
  ...layers.slice(count),
];

test("a network within the network counts as its layers, in every layout", async () => {
  const expected = network.classify(images, COUNT);
  const { length } = network.layers;
  // All of it; all but the last dense layer; and a cut between two convolutions of the same shape.
  for (const count of [length, length - 2]) {
    const layers = [rescaling(1 / 255), ...nested(network.layers, count)];
    for (const write of [
      () => oldFile(layers, { model: true }),
      () => oldFile(layers),
      () => newWeights(layers),
      () => archive(layers),
    ])
      assertSame((await run((await imported(await write())).out))[0], expected);
  }
  const between = network.layers.findIndex(({ name }) => name === "separable_conv2d_4");
  const cut = nested(network.layers, between);
  assertSame((await run((await imported(await oldFile(cut, { model: true }))).out))[0], expected);
  const inner = network.layers.findIndex(({ name }) => name === "separable_conv2d_5");
  await assert.rejects(
    newWeights([
      ...network.layers.slice(0, between),
      ...nested(network.layers.slice(between, inner), inner - between),
      ...network.layers.slice(inner),
    ]).then((bytes) => imported(bytes)),
    refused(
      "weights-mismatch",
      /does not hold cancernet \(its layers batch_normalization_3 and sequential\/batch_normalization both fit norm4/,
    ),
  );
});

/** A second witness of the layouts: the library that Keras itself writes with. */
const h5py = spawnSync("python3", ["-c", "import h5py"]).status === 0 ? "python3" : "/usr/bin/python3";
const skip = spawnSync(h5py, ["-c", "import h5py"]).status !== 0 && "no Python with h5py (Debian: python3-h5py)";

test("files that h5py has written, by Keras's own calls, give the same model to the byte", { skip }, async () => {
  const { layers } = network;
  const place = mkdtempSync(at("h5py "));
  writeFileSync(join(place, "network.json"), JSON.stringify({ layers, description: sequential(layers) }, withoutData));
  const numbers = layers.flatMap(({ weights }) => weights.map(({ data }) => Buffer.from(data.buffer)));
  writeFileSync(join(place, "weights.bin"), Buffer.concat(numbers));
  const { status, stderr } = spawnSync(h5py, [resolve("test/engine/keras/save.py"), place], { encoding: "utf8" });
  assert.equal(status, 0, stderr);
  const expected = readFileSync((await imported(await newWeights(layers))).out);
  for (const name of ["weights.h5", "model.h5", "model.weights.h5", "model.keras"]) {
    const { out } = await imported(readFileSync(join(place, name)));
    assert.ok(readFileSync(out).equals(expected), name);
  }
});

const withoutData = (key: string, value: unknown): unknown => (key === "data" ? undefined : value);

const other = (changed: string, change: (layer: KerasLayer) => KerasLayer[]) => () =>
  network.layers.flatMap((layer) => (layer.name === changed ? change(layer) : [layer]));
const config = (changed: string, more: object) =>
  other(changed, (layer) => [{ ...layer, config: { ...layer.config, ...more } }]);
const twoWeights = ({ weights, ...layer }: KerasLayer) => [{ ...layer, weights: weights.slice(0, 2) }];
const wide = ({ weights, ...layer }: KerasLayer) => [
  { ...layer, weights: weights.map((one) => ({ ...one, shape: one.shape.toReversed() })) },
];

/** Networks that are not CancerNet, and the sentence that says where. */
const OTHERS: readonly (readonly [name: string, layers: () => readonly KerasLayer[], refusal: Refusal])[] = [
  [
    "a layer less",
    other("separable_conv2d_1", () => []),
    refused(
      "weights-mismatch",
      /its layer batch_normalization_1 is gamma 64.*, but cancernet has conv2, in Keras's words depthwise_kernel 3 x 3 x 32 x 1/,
    ),
  ],
  [
    "a layer more",
    other("dense_1", (layer) => [layer, { ...layer, name: "more" }]),
    refused("weights-mismatch", /its layer more is kernel 256 x 2, bias 2, but cancernet ends/),
  ],
  [
    "the last layer missing",
    other("dense_1", () => []),
    refused("weights-mismatch", /it ends, but cancernet has dense2, in Keras's words kernel 256 x 2, bias 2/),
  ],
  [
    "a layer without a bias",
    other("separable_conv2d", twoWeights),
    refused(
      "weights-mismatch",
      /its layer separable_conv2d is depthwise_kernel 3 x 3 x 3 x 1, pointwise_kernel 1 x 1 x 3 x 32, but cancernet has conv1/,
    ),
  ],
  [
    "another shape",
    other("dense", wide),
    refused(
      "weights-mismatch",
      /its layer dense is kernel 256 x 4608, bias 256, but cancernet has dense1, in Keras's words kernel 4608 x 256/,
    ),
  ],
];

for (const [name, layers, refusal] of OTHERS) {
  test(`refused: ${name}`, async () => {
    await assert.rejects(
      oldFile(layers()).then((bytes) => imported(bytes)),
      refusal,
    );
    assert.ok(!existsSync(at("model.onnx")));
  });
}

/** Networks with CancerNet's weights, but not its mathematics, which only a description tells. */
const DESCRIBED: readonly (readonly [name: string, layers: () => readonly KerasLayer[], refusal: Refusal])[] = [
  [
    "another activation",
    config("activation", { activation: "elu" }),
    refused("weights-mismatch", /its layer activation is elu, but cancernet has relu/),
  ],
  [
    "normalization before the activation",
    () => [0, 2, 1].map((i) => network.layers[i]!).concat(network.layers.slice(3)),
    refused(
      "weights-mismatch",
      /its layer batch_normalization is BatchNormalization, epsilon 0.001, but cancernet has relu/,
    ),
  ],
  [
    "another epsilon",
    config("batch_normalization", { epsilon: 1e-5 }),
    refused(
      "weights-mismatch",
      /its layer batch_normalization is BatchNormalization, epsilon 0.00001, but cancernet has BatchNormalization, epsilon 0.001/,
    ),
  ],
  [
    "another padding",
    config("separable_conv2d_1", { padding: "valid" }),
    refused("weights-mismatch", /its layer separable_conv2d_1 is SeparableConv2D, padding "valid"/),
  ],
  [
    "channels first",
    config("separable_conv2d", { data_format: "channels_first" }),
    refused("weights-mismatch", /SeparableConv2D, data_format "channels_first"/),
  ],
  [
    "larger pools",
    config("max_pooling2d", { pool_size: [3, 3] }),
    refused("weights-mismatch", /its layer max_pooling2d is MaxPooling2D of 3 x 3/),
  ],
  [
    "an unknown layer",
    other("dropout", (layer) => [{ ...layer, className: "GaussianNoise" }]),
    refused("weights-mismatch", /its layer dropout is GaussianNoise, but cancernet has SeparableConv2D/),
  ],
  [
    "a sigmoid at the end",
    config("activation_7", { activation: "sigmoid" }),
    refused("weights-mismatch", /its layer activation_7 is sigmoid, but cancernet has softmax/),
  ],
  [
    "another input",
    config("separable_conv2d", { batch_input_shape: [null, 50, 50, 3] }),
    refused("weights-mismatch", /its input is 50 x 50 x 3, but cancernet has 48 x 48 x 3/),
  ],
];

for (const [name, layers, refusal] of DESCRIBED) {
  test(`refused where the file describes it: ${name}`, async () => {
    for (const bytes of [await oldFile(layers(), { model: true }), await archive(layers())]) {
      await assert.rejects(imported(bytes), refusal);
    }
  });
}

test("Keras 3 saves layers of a class in their order, layers of several classes in none: the tenth is not the second", async () => {
  const names = Array.from({ length: 12 }, (_, i) => (i === 0 ? "dense" : `dense_${i}`));
  const array = { shape: [1], read: () => Float32Array.of(1) };
  const file = {
    names: (path: string) => (path === "layers" ? names.toSorted() : path.endsWith("/vars") ? ["0"] : []),
    array: () => array,
    texts: () => undefined,
  };
  assert.deepEqual(
    storedLayers(file).layers.map(({ name }) => name),
    names,
  );
});

test("names that Keras 2 cuts into several attributes are put together", () => {
  const parts: Record<string, string[]> = { " layer_names0": ["a", "b"], " layer_names1": ["c"] };
  const file = {
    names: () => [],
    array: () => ({ shape: [1], read: () => Float32Array.of(1) }),
    texts: (path: string, name: string) =>
      path === "" ? parts[` ${name}`] : name === "weight_names" ? [`${path}/kernel:0`] : undefined,
  };
  const { layers, ordered } = storedLayers(file);
  assert.ok(ordered);
  assert.deepEqual(
    layers.map(({ name, weights }) => [name, weights[0]!.role]),
    [
      ["a", "kernel"],
      ["b", "kernel"],
      ["c", "kernel"],
    ],
  );
});
