/**
 * Every verb once on two cases of eight patches, in seconds: what a change breaks anywhere on the way is seen here first. "demo" and
 * "doctor" do more of the same for longer, and have slow tests of their own.
 */

import assert from "node:assert/strict";
import { copyFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { before, test } from "node:test";
import * as cancernet from "../src/index.ts";
import { RandomStream } from "../src/system/random.ts";
import { archive } from "./engine/keras/files.ts";
import { kerasNetwork } from "./engine/keras/network.ts";
import { context } from "./support/cohort.ts";
import { jsonOf, useFolder } from "./support/folder.ts";
import { extractorBytes } from "./support/inputs.ts";
import { rgbPng } from "./support/png.ts";
import { refused } from "./support/refused.ts";

const at = useFolder("tiny");
const json = (...names: string[]) => jsonOf(at(...names));
const ONE = { epochs: 1, model: "compact", views: 1, threads: 1 } as const;

/** A picture whose colour says its class, and whose noise is its own. */
function picture(label: 0 | 1, place: number, side = 50): Buffer {
  const noise = new RandomStream(place, "tiny").bytes(side * side * 3);
  return rgbPng(side, side, (index) => (label === 1 ? 90 : 170) + (noise[index]! >> 2));
}

before(async () => {
  // The case 1 is for training; the patches of case 2 are for validation and for testing.
  for (let place = 0; place < 16; place++) {
    const [caseId, label] = [place < 8 ? 1 : 2, (place % 2) as 0 | 1];
    const part = caseId === 1 ? "train" : place < 12 ? "val" : "test";
    const parent = at("patches", part, String(caseId), String(label));
    mkdirSync(parent, { recursive: true });
    const name = `${caseId}_idx5_x${50 * (place % 4) + 1}_y${50 * Math.floor(place / 4) + 1}_class${label}.png`;
    writeFileSync(join(parent, name), picture(label, place));
  }
  writeFileSync(
    at("slide.png"),
    rgbPng(150, 100, (index) => 120 + (index % 61)),
  );
  await cancernet.prepare({ source: at("patches"), out: at("dataset"), split: "folders" }, context);
  await cancernet.train({ dataset: at("dataset"), out: at("run"), ...ONE }, context);
});

test("prepare packs the patches in the split of their folders", () => {
  const { counts } = json("dataset", "dataset.json");
  assert.deepEqual(counts.train, { cases: 1, patches: 8, no_idc: 4, idc: 4 });
  assert.deepEqual([counts.val.patches, counts.test.patches], [4, 4]);
});

test("train keeps a model, and goes on for another epoch", async () => {
  assert.equal(json("run", "run.json").status, "finished");
  const result = await cancernet.train({ resume: at("run"), epochs: 2 }, context);
  assert.equal(result!.history.length, 2);
});

test("crossvalidate refuses two cases", async () => {
  const given = { dataset: at("dataset"), out: at("folds"), folds: 3, ...ONE };
  await assert.rejects(cancernet.crossvalidate(given, context), refused("folds-too-many", "3 folds"));
});

test("evaluate, predict and compare agree on the patches of the test part", async () => {
  const { report } = await cancernet.evaluate({ model: at("run"), threads: 1 }, context);
  assert.equal(report.patches, 4);
  const rows = readFileSync(at("run", "evaluation-test", "predictions.csv"), "utf8")
    .trim()
    .split("\n")
    .slice(1);
  const images = rows.map((row) => {
    const [id, caseId, , , label] = row.split(",");
    return at("patches", "test", caseId!, label!, `${id}.png`);
  });
  const { predictions } = await cancernet.predict({ model: at("run"), images, threads: 1 }, context);
  assert.deepEqual(
    predictions.map(({ probability }) => probability),
    rows.map((row) => Number(row.split(",")[5])),
  );
  const { differences } = await cancernet.compare({ runs: [at("run"), at("run")] }, context);
  assert.equal(differences[0]!.metrics.auroc.value, 0);
});

test("calibrate, add-context and export write models that answer", async () => {
  const options = { model: at("run"), threads: 1 };
  await cancernet.calibrate({ ...options, threshold: "0.25", out: at("calibrated.onnx") }, context);
  await cancernet.exportModel({ model: at("run"), out: at("plain.onnx") }, context);
  await cancernet.addContext({ ...options, out: at("neighbours.onnx"), reach: 1 }, context);
  const images = [at("patches", "train", "1", "0")];
  const calibrated = await cancernet.predict({ model: at("calibrated.onnx"), images, threads: 1 }, context);
  assert.equal(calibrated.predictions[0]!.threshold, 0.25);
  assert.ok(readFileSync(at("plain.onnx")).length > 100_000);
});

test("explain and slide write their pictures, tables and pages", async () => {
  const image = at("patches", "train", "1", "1", "1_idx5_x51_y1_class1.png");
  await cancernet.explain(
    { model: at("run"), images: [image], out: at("why"), square: 24, stride: 24, threads: 1 },
    context,
  );
  assert.equal(json("why", "explain.json").patches.length, 1);
  await cancernet.slide(
    { model: at("run"), slides: [at("slide.png")], out: at("scored"), scale: 1, threads: 1 },
    context,
  );
  assert.equal(json("scored", "slide.json").findings.patches.in_grid, 6);
  assert.deepEqual(readdirSync(at("scored")).length, 8);
});

test("gather writes the summary of a shard", async () => {
  const slides = ["one.png", "two.png"].map((name) => at("slides", name));
  mkdirSync(at("slides"));
  for (const slide of slides) copyFileSync(at("slide.png"), slide);
  const given = { model: at("run"), slides, out: at("shared"), scale: 1, threads: 1 };
  const { outcomes } = await cancernet.slide({ ...given, shard: "2/2" }, context);
  assert.deepEqual(
    outcomes.map(({ number }) => number),
    [2],
  );
  const { result } = await cancernet.gather({ folder: at("shared") }, context);
  assert.deepEqual(result.unfinished, ["one"]);
});

test("import and probe read what other programs made", async () => {
  const { layers } = await kerasNetwork(cancernet.MODELS.compact, 1);
  writeFileSync(at("network.keras"), await archive(layers));
  await cancernet.importWeights({ weights: at("network.keras"), model: "compact", out: at("imported.onnx") }, context);
  assert.ok(readFileSync(at("imported.onnx")).length > 100_000);
  writeFileSync(at("extractor.onnx"), extractorBytes());
  const given = { dataset: at("dataset"), features: at("extractor.onnx"), out: at("probe"), threads: 1 };
  assert.equal((await cancernet.probe(given, context)).report.patches, 4);
});
