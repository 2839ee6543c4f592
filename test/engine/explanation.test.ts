/** Grad-CAM's graph: against PyTorch, against central differences, and image by image. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { featureLayers } from "../../src/engine/explanation/feature_layers.ts";
import { buildGradCamGraph, FEATURES, GRADIENT, MAP } from "../../src/engine/explanation/grad_cam.ts";
import { Graph } from "../../src/engine/graph/graph.ts";
import { constantParameters, LOGIT, logitOf, PATCHES } from "../../src/engine/models/inference.ts";
import { MODELS } from "../../src/engine/models/table.ts";
import { initialize } from "../../src/engine/nn/initialize.ts";
import { applyLayers, type ModelDescription } from "../../src/engine/nn/model.ts";
import { openGraph } from "../../src/engine/runtime/node/session.ts";
import type { Session } from "../../src/engine/runtime/session.ts";
import { RandomStream } from "../../src/system/random.ts";
import {
  assertNear,
  type CancerNetReference,
  initialTensors,
  type Reference,
  readGolden,
} from "../golden/reference.ts";
import { model as cancernet, goldenImages } from "./golden_images.ts";
import { assertAllClose } from "./running.ts";

interface GoldenMap extends Reference<number[]> {
  layer: string;
  shape: [number, number, number];
}

const golden = readGolden<CancerNetReference>("cancernet");
const { gradCam } = readGolden<{ gradCam: GoldenMap[] }>("explanation");
const layerOf = (model: ModelDescription, name: string) => featureLayers(model).find((layer) => layer.name === name)!;

for (const { layer, shape, values, float32Error } of gradCam) {
  test(`Grad-CAM of CancerNet at ${layer} gives PyTorch's map`, async () => {
    const graph = buildGradCamGraph({ model: cancernet, arrays: initialTensors(golden) }, layerOf(cancernet, layer), 8);
    const session = await openGraph(graph, { threads: 2 });
    const results = await session.run({ [PATCHES]: { data: goldenImages(golden, 0), shape: [8, 48, 48, 3] } });
    await session.close();
    assert.deepEqual(results[MAP]!.shape, [8, ...shape.slice(1)]);
    const limit = 10 * float32Error.max;
    values.forEach((value, place) => {
      assertNear(results[MAP]!.data[place] as number, value, limit, `place ${place}`);
    });
    golden.inference.logits.values.forEach(([none, idc], image) => {
      const tolerance = 10 * golden.inference.logits.float32Error.max;
      assertNear(results[LOGIT]!.data[image] as number, idc! - none!, tolerance, `logit ${image}`);
    });
  });
}

const SIDE = 8;
const IMAGES = 3;
const small: ModelDescription = {
  name: "small",
  source: "the tests",
  inputShape: [3, SIDE, SIDE],
  layers: [
    { kind: "separableConvolution", name: "conv1", filters: 4, kernelSize: 3 },
    { kind: "relu" },
    { kind: "batchNormalization", name: "norm1", momentum: 0.9, epsilon: 1e-3 },
    { kind: "separableConvolution", name: "conv2", filters: 5, kernelSize: 3 },
    { kind: "batchNormalization", name: "norm2", momentum: 0.9, epsilon: 1e-3 },
    { kind: "maxPool", size: 2 },
    { kind: "globalAveragePool" },
    { kind: "dense", name: "dense1", units: 2 },
  ],
};
/** Statistics other than 0 and 1, so that the normalization counts. */
const arrays = initialize(small, 3);
for (const [name, array] of arrays) {
  const random = new RandomStream(5, name);
  if (/mean|variance|scale/.test(name))
    arrays.set(
      name,
      array.map(() => random.uniform(0.5, 1.5)),
    );
}
const images = new RandomStream(1, "images").bytes(IMAGES * SIDE * SIDE * 3);

async function explained(layer: string, count: number, data: Uint8Array) {
  const graph = buildGradCamGraph({ model: small, arrays }, layerOf(small, layer), count);
  const session = await openGraph(graph, { threads: 1 });
  const results = await session.run({ [PATCHES]: { data, shape: [count, SIDE, SIDE, 3] } });
  await session.close();
  return results as Record<string, { data: Float32Array; shape: readonly number[] }>;
}

/** The logits [n] of feature maps: the rest of the model as a graph of its own, by another way than Grad-CAM's. */
async function restOf(depth: number, shape: readonly number[]): Promise<Session> {
  const graph = new Graph();
  const features = graph.input("features", "float32", shape);
  const context = constantParameters(graph, small, arrays);
  graph.output("logit", logitOf(applyLayers(small.layers.slice(depth), features, context)));
  return openGraph(graph, { threads: 1 });
}

for (const layer of ["conv1", "conv2"]) {
  test(`the gradient by the maps of ${layer} is the logit's central difference, and the map its mean times the features`, async () => {
    const { [FEATURES]: features, [GRADIENT]: gradient, [MAP]: map } = await explained(layer, IMAGES, images);
    const session = await restOf(layerOf(small, layer).depth, features!.shape);
    const step = 2 ** -7;
    const [, channels, height, width] = features!.shape as [number, number, number, number];
    const area = height * width;
    const { [LOGIT]: start } = await explained(layer, IMAGES, images);
    let compared = 0;
    for (let index = 0; index < features!.data.length; index++) {
      const image = Math.floor(index / (channels * area));
      const slopes = [];
      for (const sign of [1, -1]) {
        const data = features!.data.slice();
        data[index]! += sign * step;
        const results = await session.run({ features: { data, shape: features!.shape } });
        slopes.push(((results.logit!.data[image] as number) - start!.data[image]!) / (sign * step));
      }
      // Pooling has kinks: where one lies within the step there is no derivative to compare with.
      if (Math.abs(slopes[0]! - slopes[1]!) > 3e-4) continue;
      compared++;
      assertNear(gradient!.data[index]!, (slopes[0]! + slopes[1]!) / 2, 2e-4, `element ${index}`);
    }
    await session.close();
    assert.ok(compared > 0.75 * features!.data.length, `only ${compared} compared`);
    assert.ok(Math.max(...gradient!.data.map(Math.abs)) > 0.02);
    for (let image = 0; image < IMAGES; image++) {
      for (let place = 0; place < area; place++) {
        let expected = 0;
        for (let channel = 0; channel < channels; channel++) {
          const first = (image * channels + channel) * area;
          const mean = gradient!.data.slice(first, first + area).reduce((sum, value) => sum + value, 0) / area;
          expected += mean * features!.data[first + place]!;
        }
        assertNear(map!.data[image * area + place]!, expected, 1e-5, `image ${image}, place ${place}`);
      }
    }
  });
}

test("an image's map does not depend on the images beside it", async () => {
  const { [MAP]: all } = await explained("conv2", IMAGES, images);
  const [bytes, area] = [SIDE * SIDE * 3, SIDE * SIDE];
  for (let image = 0; image < IMAGES; image++) {
    const { [MAP]: one } = await explained("conv2", 1, images.slice(image * bytes, (image + 1) * bytes));
    assertAllClose(one!.data, all!.data.slice(image * area, (image + 1) * area), 1e-6, `image ${image}`);
  }
});

test("with global pooling behind the layer the map adds up to the logit but for the biases (Selvaraju et al., section 3.1)", async () => {
  const layers = small.layers.filter(({ kind }) => kind !== "maxPool" && kind !== "batchNormalization");
  const model = { ...small, layers };
  const graph = buildGradCamGraph({ model, arrays }, layerOf(model, "conv2"), IMAGES);
  const session = await openGraph(graph, { threads: 1 });
  const results = await session.run({ [PATCHES]: { data: images, shape: [IMAGES, SIDE, SIDE, 3] } });
  await session.close();
  const bias = arrays.get("dense1.bias")!;
  for (let image = 0; image < IMAGES; image++) {
    const area = SIDE * SIDE;
    const map = (results[MAP]!.data as Float32Array).slice(image * area, (image + 1) * area);
    const sum = map.reduce((total, value) => total + value, 0);
    assertNear(sum, (results[LOGIT]!.data[image] as number) - bias[1]! + bias[0]!, 1e-5, `image ${image}`);
  }
});

test("the layers to choose from are the convolutions, by name and size", () => {
  const found = featureLayers(MODELS.compact).map(({ name, height, width, depth }) => [name, height, width, depth]);
  assert.deepEqual(found[0], ["conv1", 48, 48, 2]);
  assert.deepEqual(found.slice(-3), [
    ["conv5", 12, 12, 18],
    ["conv6", 6, 6, 23],
    ["conv7", 6, 6, 26],
  ]);
  assert.equal(featureLayers(MODELS.cancernet).at(-1)!.name, "conv6");
});
