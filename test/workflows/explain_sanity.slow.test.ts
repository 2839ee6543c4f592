/**
 * The sanity check of Adebayo et al. 2018: with other weights Grad-CAM must show something else. And why squares are filled
 * with a patch's mean colour: white ones speak of themselves. On drawn patches, and on real ones if there are some.
 */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { bundledModelPath } from "../../src/artifacts/bundled_models.ts";
import { modelFileOf, openModelFile } from "../../src/artifacts/open_model.ts";
import { featureLayers } from "../../src/engine/explanation/feature_layers.ts";
import { buildGradCamGraph, MAP } from "../../src/engine/explanation/grad_cam.ts";
import { onnxArrays } from "../../src/engine/graph/read_onnx.ts";
import { PATCHES } from "../../src/engine/models/inference.ts";
import { MODELS } from "../../src/engine/models/table.ts";
import { initialize } from "../../src/engine/nn/initialize.ts";
import type { Arrays } from "../../src/engine/nn/model.ts";
import { openGraph } from "../../src/engine/runtime/node/session.ts";
import { readPlace } from "../../src/histology/dataset/file_place.ts";
import { openSource } from "../../src/histology/dataset/open_source.ts";
import { decodeImage } from "../../src/histology/image/decode.ts";
import { resizeNearest } from "../../src/histology/image/resize.ts";
import type { RgbImage } from "../../src/histology/image/rgb.ts";
import { rankCorrelation } from "../../src/metrics/rank_correlation.ts";
import { RandomStream } from "../../src/system/random.ts";
import { Explainer } from "../../src/workflows/explain/explainer.ts";
import { syntheticPatches } from "./explain_support.ts";

const BOXED = [
  { name: "cancernet", model: MODELS.cancernet, layer: "conv6" },
  { name: "idc", model: MODELS.slim, layer: "conv5" },
] as const;
const SEEDS = [1, 2];
const OF_EACH = 5;
const SIDE = 48;

const data = process.env.IDC_DATA;

/** Patches of the test part: the first of each class in an order that a seed fixes. */
async function realPatches(folder: string): Promise<RgbImage[]> {
  const cases = new Set(readFileSync(join(folder, "splits", "cases_test.txt"), "utf8").split(/\s+/));
  const source = await openSource(join(folder, "idc-subset.zip"));
  const paths = source.paths.filter((path) => cases.has(path.split("/")[0]!)).sort();
  const shuffled = new RandomStream(1, "patches").shuffle(paths);
  const chosen = [1, 0].flatMap((label) =>
    shuffled.filter((path) => path.endsWith(`class${label}.png`)).slice(0, OF_EACH),
  );
  const images = await Promise.all(chosen.map(async (path) => decodeImage(readPlace(source.locate(path)), path)));
  await source.close();
  return images;
}

const SETS = [
  { title: "drawn", skip: false, patches: async (): Promise<RgbImage[]> => syntheticPatches(OF_EACH) },
  { title: "real", skip: data === undefined && "IDC_DATA is not set", patches: () => realPatches(data!) },
] as const;

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

/** The map of each patch, of the model with these arrays. */
async function mapsOf({ model, layer }: (typeof BOXED)[number], arrays: Arrays, patches: readonly RgbImage[]) {
  const chosen = featureLayers(model).find(({ name }) => name === layer)!;
  const session = await openGraph(buildGradCamGraph({ model, arrays }, chosen, patches.length), { threads: 2 });
  const pixels = Buffer.concat(patches.map((patch) => resizeNearest(patch, SIDE, SIDE).data));
  const results = await session.run({ [PATCHES]: { data: pixels, shape: [patches.length, SIDE, SIDE, 3] } });
  await session.close();
  const all = results[MAP]!.data as Float32Array;
  const area = all.length / patches.length;
  return patches.map((_, index) => all.subarray(index * area, (index + 1) * area));
}

/** The rank correlation of each patch's map with the original's, by how many layers were given other weights from the top. */
async function cascade(bundled: (typeof BOXED)[number], patches: readonly RgbImage[]) {
  const { name, model } = bundled;
  const arrays = onnxArrays(readFileSync(bundledModelPath(name)!));
  const originals = await mapsOf(bundled, arrays, patches);
  assert.deepEqual(await mapsOf(bundled, arrays, patches), originals, "the same weights, the same maps");
  const layers = model.layers.flatMap((layer) => ("name" in layer && layer.kind !== "dropout" ? [layer.name] : []));
  const steps = layers.toReversed().map((layer) => ({ layer, correlations: [] as number[] }));
  for (const seed of SEEDS) {
    const other = initialize(model, seed);
    const mixed = new Map(arrays);
    for (const { layer, correlations } of steps) {
      for (const [array, values] of other) if (array.startsWith(`${layer}.`)) mixed.set(array, values);
      const maps = await mapsOf(bundled, mixed, patches);
      correlations.push(...maps.map((map, index) => rankCorrelation(map, originals[index]!) ?? 0));
    }
  }
  return steps;
}

for (const { title, skip, patches } of SETS) {
  for (const bundled of BOXED) {
    test(`${bundled.name}, ${title} patches: the map is lost as weights are randomised from the top`, {
      skip,
    }, async (t) => {
      const steps = await cascade(bundled, await patches());
      for (const { layer, correlations } of steps) {
        const size = mean(correlations.map(Math.abs)).toFixed(2);
        t.diagnostic(`down to ${layer}: mean ${mean(correlations).toFixed(2)}, mean size ${size}`);
      }
      const own = steps.findIndex(({ layer }) => layer === bundled.layer);
      // The features still are the trained ones here, and where they light up they go on to shape the map.
      for (const { layer, correlations } of steps.slice(0, own)) assert.ok(mean(correlations) < 0.8, layer);
      for (const { layer, correlations } of steps.slice(own)) {
        assert.ok(mean(correlations.map(Math.abs)) < 0.5, layer);
      }
    });
  }

  test(`idc, ${title} patches: squares of the mean colour are neutral, white ones are not`, { skip }, async (t) => {
    await compareColours("idc", await patches(), t);
  });
}

async function compareColours(name: string, patches: readonly RgbImage[], t: TestContext): Promise<void> {
  const file = modelFileOf(readFileSync(bundledModelPath(name)!), name);
  const squares = { square: 8, stride: 8 };
  const explainer = await Explainer.open(file, { squares, session: { threads: 2 } });
  const { classifier } = await openModelFile(file, { threads: 2 }, SIDE);
  const [falls, whiteFalls, agreements]: number[][] = [[], [], []];
  for (const patch of patches) {
    const { image, drops, logOdds, agreement } = await explainer.explain(patch);
    falls!.push(...Array.from(drops.values));
    agreements!.push(agreement!);
    const { logits } = await classifier.classify(drops.values.length, (first, count, into) => {
      for (let copy = 0; copy < count; copy++) into.set(whitened(image, first + copy), copy * image.data.length);
    });
    const { scale, offset } = explainer.calibration;
    whiteFalls!.push(...Array.from(logits, (logit) => logOdds - (scale * logit + offset)));
  }
  await explainer.close();
  await classifier.close();
  const told = (values: number[]) => `${mean(values).toFixed(3)}, mean size ${mean(values.map(Math.abs)).toFixed(3)}`;
  t.diagnostic(`mean fall with the mean colour ${told(falls!)}; with white ${told(whiteFalls!)}`);
  t.diagnostic(`Grad-CAM and occlusion: mean rank correlation ${mean(agreements!).toFixed(2)}`);
  assert.ok(Math.abs(mean(falls!)) < 0.5 * Math.abs(mean(whiteFalls!)));
  assert.ok(mean(agreements!) > 0.05);
}

/** The image with square `index` of the grid of 8 x 8 pixels white. */
function whitened({ data: pixels }: RgbImage, index: number): Uint8Array {
  const [row, column] = [Math.floor(index / 6), index % 6];
  return pixels.map((value, place) => {
    const [y, x] = [Math.floor(place / (3 * SIDE)), Math.floor(place / 3) % SIDE];
    return Math.floor(y / 8) === row && Math.floor(x / 8) === column ? 255 : value;
  });
}
