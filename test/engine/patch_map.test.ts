/** Grad-CAM with our own inference: the numbers of the graph that "explain" runs, and gradients by central differences. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { bundledModelPath } from "../../src/artifacts/bundled_models.ts";
import { recordSideOf } from "../../src/artifacts/model_card.ts";
import { openForwardModel } from "../../src/artifacts/open_forward.ts";
import { modelFileOf } from "../../src/artifacts/open_model.ts";
import { featureLayers } from "../../src/engine/explanation/feature_layers.ts";
import { logitAndGradient } from "../../src/engine/explanation/plain_layers.ts";
import { sizeOf } from "../../src/engine/graph/shape.ts";
import { MODELS } from "../../src/engine/models/table.ts";
import { initialize } from "../../src/engine/nn/initialize.ts";
import { layerShapes } from "../../src/engine/nn/model.ts";
import { toRecord } from "../../src/histology/dataset/record.ts";
import { RandomStream } from "../../src/system/random.ts";
import { WebAssembly } from "../../src/util/web_assembly.ts";
import { Explainer } from "../../src/workflows/explain/explainer.ts";
import { syntheticPatches } from "../workflows/explain_support.ts";
import { model as small } from "./small_model.ts";

const kernels = new WebAssembly.Module(readFileSync("dist/engine/inference/kernels.wasm"));
const LARGEST_DIFFERENCE = 1e-5;

for (const name of ["idc", "cancernet"]) {
  test(`${name}: the map of each patch is that of explain`, async (t) => {
    const bytes = readFileSync(bundledModelPath(name)!);
    const { card, mapOf } = openForwardModel(bytes, kernels, name);
    const explainer = await Explainer.open(modelFileOf(bytes, name), {
      session: { threads: 1 },
      squares: { square: 48, stride: 48 },
    });
    let [worst, strongest] = [0, 0];
    for (const patch of syntheticPatches(2)) {
      const { gradCam } = await explainer.explain(patch);
      const map = mapOf(toRecord(patch, recordSideOf(card)));
      assert.deepEqual([map.layer, map.height, map.width], [explainer.layer.name, gradCam.height, gradCam.width]);
      worst = Math.max(worst, ...Array.from(map.values, (value, place) => Math.abs(value - gradCam.values[place]!)));
      strongest = Math.max(strongest, ...map.values.map(Math.abs));
    }
    await explainer.close();
    t.diagnostic(`largest difference ${worst}, strongest evidence ${strongest}`);
    assert.ok(strongest > 100 * LARGEST_DIFFERENCE);
    assert.ok(worst <= LARGEST_DIFFERENCE, `${worst}`);
  });
}

for (const [name, model] of Object.entries({ ...MODELS, small })) {
  test(`${name}: the gradient of each layer is that of central differences`, () => {
    const arrays = initialize(model, 5);
    const { depth } = featureLayers(model)[0]!;
    const stream = new RandomStream(1, "features");
    const input = Float64Array.from({ length: sizeOf(layerShapes(model)[depth - 1]!) }, () => stream.uniform(0.1, 1));
    const part = { model, arrays, depth };
    const { gradient } = logitAndGradient(part, input);
    const step = 1e-6;
    const largest = Math.max(...gradient.map(Math.abs));
    const place = gradient.findIndex((value) => Math.abs(value) === largest);
    const logitAt = (by: number) => logitAndGradient(part, input.with(place, input[place]! + by)).logit;
    const slope = (logitAt(step) - logitAt(-step)) / (2 * step);
    assert.ok(Math.abs(slope - largest * Math.sign(gradient[place]!)) < 1e-5 * largest + 1e-8, `${slope} ${largest}`);
  });
}
