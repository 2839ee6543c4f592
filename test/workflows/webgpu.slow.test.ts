/** Training, evaluation and prediction on WebGPU: what they record, and that their probabilities are the CPU's to 5e-6. */

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { before, test } from "node:test";
import { evaluateOptions } from "../../src/options/evaluate.ts";
import { predictOptions } from "../../src/options/predict.ts";
import { fromCsv } from "../../src/util/csv.ts";
import { evaluate } from "../../src/workflows/evaluate.ts";
import { predict } from "../../src/workflows/predict.ts";
import { train, trainOptions } from "../../src/workflows/train.ts";
import { startWebGpu } from "../engine/webgpu.ts";
import { context, drawDataset } from "../support/cohort.ts";
import { jsonOf, useFolder } from "../support/folder.ts";

const skip = (await startWebGpu()) ?? false;
const at = useFolder("webgpu");

before(async () => {
  if (skip) return;
  await drawDataset(at, { seed: 3, cases: 6, patchesPerCase: 8 });
  // One view: a GPU in software takes its time.
  const options = { dataset: at("dataset"), out: at("run"), epochs: 1, batchSize: 20, views: 1, device: "webgpu" };
  await train(trainOptions.parse(options), context);
});

test("run.json names the device and the engine, and why", { skip }, () => {
  const run = jsonOf(at("run", "run.json"));
  assert.equal(run.status, "finished");
  assert.equal(run.device, "webgpu");
  assert.equal(run.device_reason, "as --device says");
  assert.equal(run.engine, "graph");
  assert.equal(run.reason, "not fused, because it runs on cpu");
});

test("the model gives the same on both devices, and in every command", { skip }, async () => {
  const predictions = async (device: string) => {
    const out = at(`evaluation-${device}`);
    const { report } = await evaluate(evaluateOptions.parse({ model: at("run"), out, device }), context);
    assert.equal(report.device, device);
    const rows = fromCsv(readFileSync(join(out, "predictions.csv"), "utf8"), ["id", "probability"], "predictions.csv");
    return new Map(rows.map(({ id, probability }) => [id!, Number(probability)]));
  };
  const [onCpu, onGpu] = [await predictions("cpu"), await predictions("webgpu")];
  assert.ok(onCpu.size > 0);
  for (const [id, probability] of onCpu) {
    const found = onGpu.get(id)!;
    assert.ok(Math.abs(found - probability) <= 5e-6, `${id}: ${found}, on the CPU ${probability}`);
  }
  const images = readdirSync(at("patches"), { recursive: true, encoding: "utf8" })
    .filter((path) => [...onGpu.keys()].some((id) => path.endsWith(`${id}.png`)))
    .map((path) => at("patches", path));
  const { predictions: predicted } = await predict(
    predictOptions.parse({ model: at("run"), images, device: "webgpu" }),
    context,
  );
  assert.equal(predicted.length, onGpu.size);
  for (const { file, probability } of predicted) {
    assert.equal(probability, onGpu.get(file.replace(/^.*[\\/]|\.png$/g, "")), file);
  }
});
