/** Our own inference in WebAssembly: ONNX Runtime's numbers for any model of ours, and the same bits for an image always. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { openClassifier } from "../../../src/engine/classification/node/open_classifier.ts";
import { toOnnx } from "../../../src/engine/graph/onnx.ts";
import { type OnnxFile, readOnnx } from "../../../src/engine/graph/read_onnx.ts";
import { openForward } from "../../../src/engine/inference/forward.ts";
import { requireSameGraph } from "../../../src/engine/inference/same_graph.ts";
import { stagesOf } from "../../../src/engine/inference/stages.ts";
import { buildInferenceGraph, LOGIT_OFFSET, LOGIT_SCALE } from "../../../src/engine/models/inference.ts";
import { modelFor } from "../../../src/engine/models/table.ts";
import { initialize } from "../../../src/engine/nn/initialize.ts";
import type { Arrays, ModelDescription } from "../../../src/engine/nn/model.ts";
import { lowerForCpu } from "../../../src/engine/runtime/devices.ts";
import { prune } from "../../../src/engine/runtime/lowering/lower.ts";
import { RandomStream } from "../../../src/system/random.ts";
import { WebAssembly } from "../../../src/util/web_assembly.ts";
import { model as small } from "../small_model.ts";

const kernels = new WebAssembly.Module(readFileSync("dist/engine/inference/kernels.wasm"));

/** Arrays as after a training: no statistic has its initial value. */
function trained(model: ModelDescription): Arrays {
  const stream = new RandomStream(1, "statistics");
  const arrays = initialize(model, 3);
  for (const [name, array] of arrays) {
    const [low, high] = name.endsWith("variance") ? [0.01, 0.1] : name.endsWith("scale") ? [0.5, 1.5] : [-0.2, 0.2];
    if (!/weight$/.test(name)) for (let i = 0; i < array.length; i++) array[i] = stream.uniform(low, high);
  }
  return arrays;
}

const calibration = new Map([
  [LOGIT_SCALE, Float32Array.of(1)],
  [LOGIT_OFFSET, Float32Array.of(0)],
]);

const MODELS = [
  { title: "compact", model: modelFor("compact"), views: 1, side: 50 },
  { title: "compact, another size of model and image", model: modelFor("compact", 40), views: 2, side: 71 },
  { title: "cancernet, all views", model: modelFor("cancernet"), views: 8, side: 50 },
  { title: "cancernet, an odd size", model: modelFor("cancernet", 27), views: 3, side: 20 },
  { title: "channels that fill no vector", model: small, views: 8, side: 13 },
  { title: "slim", model: modelFor("slim"), views: 1, side: 50 },
];

for (const { title, model, views, side } of MODELS) {
  test(`the probabilities and log odds of ONNX Runtime: ${title}`, async (t) => {
    const count = 4;
    const stream = new RandomStream(1, "images");
    // Each image is brighter than the one before it.
    const images = Uint8Array.from(
      { length: count * side * side * 3 },
      (_, at) => stream.integer(64) + 60 * Math.floor(at / (side * side * 3)),
    );
    const arrays = trained(model);
    const file = toOnnx(lowerForCpu(buildInferenceGraph({ model, arrays, views })));
    const classifier = await openClassifier({ onnx: file }, side, { threads: 1 });
    const expected = await classifier.classify(count, (first, size, into) =>
      into.set(images.subarray(first * side * side * 3, (first + size) * side * side * 3)),
    );
    await classifier.close();
    const forward = openForward(kernels, { model, arrays: new Map([...arrays, ...calibration]), views }, side);
    const imageAt = (index: number) => images.subarray(index * side * side * 3, (index + 1) * side * side * 3);
    const answers = Array.from({ length: count }, (_, index) => forward(imageAt(index)));
    for (const [index, { probability, logit }] of answers.entries()) {
      const largest = 1e-5 * Math.max(1, Math.abs(expected.logits[index]!));
      assert.ok(Math.abs(logit - expected.logits[index]!) < largest, `${logit} ${expected.logits[index]}`);
      assert.ok(Math.abs(probability - expected.probabilities[index]!) < 2e-6);
    }
    assert.ok(new Set(answers.map(({ logit }) => logit)).size === count, "the answers depend on the image");
    assert.deepEqual(forward(imageAt(0)), answers[0], "and on nothing else");
    t.diagnostic(`log odds from ${Math.min(...expected.logits)} to ${Math.max(...expected.logits)}`);
  });
}

test("with eight views a flip changes rounding only", () => {
  const { model, views, side } = MODELS[2]!;
  const arrays = new Map([...trained(model), ...calibration]);
  const forward = openForward(kernels, { model, arrays, views }, side);
  const image = new RandomStream(2, "image").bytes(side * side * 3);
  const mirrored = image.map((_, at) => {
    const [row, column] = [Math.floor(at / 3 / side), Math.floor(at / 3) % side];
    return image[(row * side + (side - 1 - column)) * 3 + (at % 3)]!;
  });
  assert.ok(Math.abs(forward(image).logit - forward(mirrored).logit) < 1e-6);
});

test("images of another size and layers without kernels are refused", () => {
  const arrays = new Map([...trained(small), ...calibration]);
  const forward = openForward(kernels, { model: small, arrays, views: 1 }, 12);
  assert.throws(() => forward(new Uint8Array(12)), RangeError);
  assert.throws(() => stagesOf([{ kind: "maxPool", size: 3 }]), /no kernel for the layer maxPool/);
  assert.throws(() => stagesOf([{ kind: "relu" }]), /no kernel for the layer relu/);
});

test("a file with another computation than the kernels do is refused", () => {
  const model = modelFor("compact");
  const arrays = trained(model);
  const graph = prune(buildInferenceGraph({ model, arrays, views: 2 }));
  const file = readOnnx(toOnnx(graph));
  requireSameGraph(file, graph, []);
  const changed = (change: Partial<OnnxFile>) => () => requireSameGraph({ ...file, ...change }, graph, []);
  const otherNode = (place: number, change: Partial<OnnxFile["nodes"][number]>) =>
    changed({ nodes: file.nodes.map((node, index) => (index === place ? { ...node, ...change } : node)) });
  const pad = file.nodes.findIndex(({ op }) => op === "Conv");
  const changes = [
    changed({ nodes: file.nodes.slice(1) }),
    otherNode(0, { op: "Identity" }),
    otherNode(pad, { attributes: { ...file.nodes[pad]!.attributes, pads: [0, 0, 0, 0] } }),
    otherNode(file.nodes.length - 1, { inputs: file.nodes.at(-1)!.inputs.toReversed() }),
    changed({ tensors: file.tensors.slice(1) }),
    changed({ tensors: file.tensors.map((one) => ({ ...one, data: one.data.map((byte) => byte ^ 1) })) }),
  ];
  for (const change of changes) assert.throws(change, /its graph is not the one that this version writes/);
  const other = prune(buildInferenceGraph({ model, arrays, views: 1 }));
  assert.throws(() => requireSameGraph(file, other, []), /its graph is not the one/);
});
