/** The writers of model files give the bytes that the package's models have, which earlier versions wrote. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { bundledModelPath } from "../../src/artifacts/bundled_models.ts";
import { sealOnnx } from "../../src/artifacts/model_file.ts";
import { isSealed } from "../../src/artifacts/onnx_seal.ts";
import { architectureOf, readModel } from "../../src/artifacts/read_model.ts";
import { amendOnnx, toOnnx } from "../../src/engine/graph/onnx.ts";
import { SEAL_KEY } from "../../src/engine/graph/onnx_schema.ts";
import { arraysOf } from "../../src/engine/graph/read_onnx.ts";
import { buildInferenceGraph, FEATURE_AXES, LOGIT_OFFSET, LOGIT_SCALE } from "../../src/engine/models/inference.ts";
import { prune } from "../../src/engine/runtime/lowering/lower.ts";
import { BUNDLED_MODELS } from "../../src/options/bundled_models.ts";
import { sha256 } from "../../src/util/sha256.ts";

for (const name of Object.keys(BUNDLED_MODELS)) {
  test(`${name}: amended without a change, and built anew, it has its bytes`, () => {
    const bytes = readFileSync(bundledModelPath(name)!);
    assert.ok(isSealed(bytes, sha256));
    assert.ok(bytes.equals(sealOnnx(amendOnnx(bytes, { arrays: new Map(), metadata: {} }))), "amended");
    const { card, file } = readModel(bytes, name, sha256);
    const arrays = arraysOf(file);
    const axes = arrays.get(FEATURE_AXES);
    const featureAxes = axes && { axes: card.training_cases!.features, data: axes };
    const model = architectureOf(card, name);
    const graph = prune(
      buildInferenceGraph({ model, arrays, views: card.views, ...(featureAxes ? { featureAxes } : {}) }),
    );
    const { [SEAL_KEY]: _, ...metadata } = file.metadata;
    const calibration = new Map([LOGIT_SCALE, LOGIT_OFFSET].map((key) => [key, arrays.get(key)!]));
    const plain = toOnnx(graph, { producerVersion: card.software });
    assert.ok(bytes.equals(sealOnnx(amendOnnx(plain, { arrays: calibration, metadata }))), "built anew");
  });
}
