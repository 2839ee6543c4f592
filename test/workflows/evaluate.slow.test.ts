/** The verb "evaluate" on a small synthetic dataset: what it writes, that this agrees, and that it is the same again. */

import assert from "node:assert/strict";
import { copyFileSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { before, test } from "node:test";
import { modelFile } from "../../src/artifacts/model_file.ts";
import { MODELS } from "../../src/engine/models/table.ts";
import { initialize } from "../../src/engine/nn/initialize.ts";
import { computeMetrics } from "../../src/metrics/table.ts";
import { evaluateOptions } from "../../src/options/evaluate.ts";
import { fromCsv } from "../../src/util/csv.ts";
import { evaluate } from "../../src/workflows/evaluate.ts";
import { context, drawDataset } from "../support/cohort.ts";
import { jsonOf, useFolder } from "../support/folder.ts";

const at = useFolder("evaluate's");
const textOf = (...names: string[]) => readFileSync(at(...names), "utf8");

before(async () => {
  await drawDataset(at, { patchesPerCase: 30 });
  const dataset_sha256 = jsonOf(at("dataset", "dataset.json")).sha256.manifest;
  const facts = { dataset_sha256, epoch: 1, seed: 1, recipe: "none" };
  const arrays = initialize(MODELS.cancernet, 1);
  writeFileSync(at("model.onnx"), modelFile({ model: MODELS.cancernet, arrays }, facts));
});

const run = async (out: string) => {
  const options = { model: at("model.onnx"), dataset: at("dataset"), split: "val", prevalence: [0.2], out: at(out) };
  return (await evaluate(evaluateOptions.parse(options), context)).report;
};

test("three files, which agree, and are the same again", async () => {
  const report = await run("first");
  assert.deepEqual(readdirSync(at("first")).sort(), ["predictions.csv", "report.html", "report.json"]);
  assert.deepEqual(JSON.parse(textOf("first", "report.json")), JSON.parse(JSON.stringify(report)));
  const rows = fromCsv(textOf("first", "predictions.csv"), ["id", "case", "label", "probability"], "predictions.csv");
  assert.equal(rows.length, report.patches);
  const labels = rows.map((row) => Number(row.label));
  const probabilities = rows.map((row) => Number(row.probability));
  const metrics = computeMetrics(labels, probabilities, report.threshold);
  assert.deepEqual(report.metrics.auroc.value, metrics.auroc.value);
  assert.ok(textOf("first", "report.html").includes(`<td>${metrics.auroc.value!.toFixed(3)}</td>`));
  await run("second");
  for (const name of readdirSync(at("first"))) assert.equal(textOf("second", name), textOf("first", name), name);
});

test("the command can be pasted into a shell, and gives what the report was made of", async () => {
  const here = process.cwd();
  process.chdir(at());
  copyFileSync("model.onnx", "a model's.onnx");
  const options = { model: "a model's.onnx", dataset: "dataset", split: "val", prevalence: [0.2], out: "third" };
  const { report } = await evaluate(evaluateOptions.parse(options), context);
  process.chdir(here);
  const expected = "--dataset dataset --split val --prevalence 0.2 --device cpu";
  assert.equal(report.command, `cancernet evaluate 'a model'\\''s.onnx' ${expected}`);
  assert.deepEqual(report.prevalence.at.map((row) => row.prevalence).sort(), [0.2, report.prevalence.own].sort());
  assert.deepEqual(report.leakage, {
    checked: true,
    overlaps: [{ split: "train", shared_cases: 0, shared_patches: 0 }],
    found: false,
  });
});
