/** A model has one name wherever it is read; results hold no path of the machine; a run and its dataset can be moved together. */

import assert from "node:assert/strict";
import { mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { homedir, tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { before, test } from "node:test";
import { encodePng } from "../../src/histology/image/decode.ts";
import { crossvalidateOptions } from "../../src/options/crossvalidate.ts";
import { evaluateOptions } from "../../src/options/evaluate.ts";
import { explainOptions } from "../../src/options/explain.ts";
import { exportOptions } from "../../src/options/export.ts";
import { prepareOptions } from "../../src/options/prepare.ts";
import { probeOptions } from "../../src/options/probe.ts";
import { slideOptions } from "../../src/options/slide.ts";
import { exportLines } from "../../src/reports/conversion/text.ts";
import { evaluationLines } from "../../src/reports/evaluation/text.ts";
import { crossvalidate } from "../../src/workflows/crossvalidate.ts";
import { evaluate } from "../../src/workflows/evaluate.ts";
import { explain } from "../../src/workflows/explain.ts";
import { exportModel } from "../../src/workflows/export.ts";
import { prepare } from "../../src/workflows/prepare.ts";
import { probe } from "../../src/workflows/probe.ts";
import { slide } from "../../src/workflows/slide.ts";
import { train, trainOptions } from "../../src/workflows/train.ts";
import { context, drawCohort, recorder } from "../support/cohort.ts";
import { jsonOf, useFolder } from "../support/folder.ts";
import { extractorBytes } from "../support/inputs.ts";
import { refused } from "../support/refused.ts";
import { syntheticCase, syntheticPatches } from "./explain_support.ts";

const at = useFolder("named");
const SETTINGS = { epochs: 1, model: "compact", views: 1, threads: 1 } as const;

/** What the command line prints of the work. */
async function told<R>(
  work: (options: typeof context) => Promise<R>,
  text: (result: R) => readonly string[],
): Promise<string> {
  const { reporter, lines } = recorder();
  const result = await work({ ...context, reporter: { ...reporter, warn: (line) => void lines.push(line) } });
  return [...lines, ...text(result)].join("\n");
}

const json = (...names: string[]) => jsonOf(at(...names));
const page = (...names: string[]) => readFileSync(at(...names), "utf8").replace(/base64,[^"]*/g, "");

before(async () => {
  await drawCohort(at, { seed: 3, patchesPerCase: 16 });
  writeFileSync(at("slide.png"), await encodePng(syntheticCase()));
  writeFileSync(at("labels.csv"), "case,x,y,class\nslide,1,1,0\nslide,51,1,1\n");
  writeFileSync(at("patch.png"), await encodePng(syntheticPatches(1)[0]!));
  writeFileSync(at("extractor.onnx"), extractorBytes());
  mkdirSync(at("results"));
  await prepare(prepareOptions.parse({ source: at("patches"), out: at("results", "dataset") }), context);
  const options = { ...SETTINGS, dataset: at("results", "dataset"), plot: at("results", "plot.png") };
  await train(trainOptions.parse({ ...options, out: at("results", "my run") }), context);
});

test("a model of the package is called by its name everywhere, and its architecture is named once", async () => {
  const dataset = at("results", "dataset");
  const text = await told(
    (context) =>
      evaluate(evaluateOptions.parse({ model: "idc", dataset, out: at("results", "idc"), split: "train" }), context),
    evaluationLines,
  );
  assert.match(text, /^idc \(recipe default, epoch \d+, the last\) on train: /m);
  const html = page("results", "idc", "report.html");
  assert.match(html, /<h1>Evaluation of idc on the train split<\/h1>/);
  assert.match(html, /The model <b>idc<\/b>/);
  assert.equal(html.match(/slim/g)?.length, 1);
  assert.match(html, /idc; architecture: slim/);
  const { model } = json("results", "idc", "report.json");
  assert.deepEqual([model.name, model.architecture, "model" in model], ["idc", "slim", false]);
  const scored = { model: "idc", slides: [at("slide.png")], scale: 1, labels: at("labels.csv"), case: "slide" };
  await slide(slideOptions.parse({ ...scored, out: at("results", "slide") }), context);
  assert.match(page("results", "slide", "slide.html"), /The model <b>idc<\/b>/);
  assert.equal(json("results", "slide", "slide.json").model.name, "idc");
  const why = { model: "idc", images: [at("patch.png")], stride: 8, out: at("results", "why") };
  await explain(explainOptions.parse(why), context);
  assert.equal(json("results", "why", "explain.json").model.name, "idc");
  const out = at("idc.onnx");
  assert.match(
    await told((context) => exportModel(exportOptions.parse({ model: "idc", out }), context), exportLines),
    /: idc as ONNX/,
  );
});

test("errors call a model of the package by its name, not by a file's path", async () => {
  const options = explainOptions.parse({ model: "idc", images: [at("patch.png")], layer: "none", out: at("no") });
  await assert.rejects(explain(options, context), refused("option-invalid", /^idc \(architecture: slim\) has no/));
});

test("a run is called by its folder", async () => {
  const text = await told(
    (context) => evaluate(evaluateOptions.parse({ model: at("results", "my run") }), context),
    evaluationLines,
  );
  assert.match(text, /^my run \(recipe default, epoch 1, .+\) on test: /m);
  assert.match(page("results", "my run", "evaluation-test", "report.html"), /<h1>Evaluation of my run on the test/);
});

test("no result holds a path of the machine, whatever absolute paths were given", async () => {
  const dataset = at("results", "dataset");
  {
    const folds = { ...SETTINGS, dataset, folds: 3, out: at("results", "folds") };
    await crossvalidate(crossvalidateOptions.parse(folds), context);
    const fitted = { dataset, features: at("extractor.onnx"), out: at("results", "probe") };
    await probe(probeOptions.parse(fitted), context);
    const slides = [at("slide.png"), at("patch.png")];
    await slide(slideOptions.parse({ model: "idc", slides, scale: 1, out: at("results", "slides") }), context);
  }
  const private_ = [at(), tmpdir(), homedir(), process.cwd()];
  let looked = 0;
  for (const entry of readdirSync(at("results"), { recursive: true, withFileTypes: true })) {
    if (!entry.isFile() || !/\.(json|html|csv|geojson)$/.test(entry.name)) continue;
    const text = readFileSync(join(entry.parentPath, entry.name), "utf8");
    for (const path of private_) assert.ok(!text.includes(path), `${entry.name} holds ${path}`);
    assert.doesNotMatch(text.replace(/base64,[^"]*/g, ""), /"(\/(home|tmp|root|Users|var)\/|[A-Z]:\\)/, entry.name);
    if (userInfo().username.length > 4) assert.ok(!text.includes(userInfo().username), entry.name);
    looked++;
  }
  assert.ok(looked > 30, `${looked} files`);
  assert.equal(json("results", "my run", "run.json").dataset.folder, "../dataset");
  assert.equal(json("results", "my run", "run.json").options.plot, "../plot.png");
  assert.equal(json("results", "folds", "crossvalidation.json").dataset.folder, "../dataset");
  assert.match(page("results", "folds", "report.html"), /The dataset \.\.\/dataset: all/);
  assert.match(readFileSync(at("results", "slides", "slides.csv"), "utf8"), /^slide\.png,slide,/m);
});

test("a run and its dataset can be moved together; a run with an absolute path is still read", async () => {
  renameSync(at("results"), at("moved"));
  const text = await told(
    (context) => evaluate(evaluateOptions.parse({ model: at("moved", "my run") }), context),
    evaluationLines,
  );
  assert.match(text, /my run .* on test/);
  const more = { resume: at("moved", "my run"), epochs: 2 };
  await train(trainOptions.parse(more), context);
  assert.equal(json("moved", "my run", "run.json").dataset.folder, "../dataset");
  const run = json("moved", "my run", "run.json");
  run.dataset.folder = at("moved", "dataset");
  writeFileSync(at("moved", "my run", "run.json"), JSON.stringify(run));
  await evaluate(evaluateOptions.parse({ model: at("moved", "my run"), split: "val" }), context);
  await crossvalidate(crossvalidateOptions.parse({ resume: at("moved", "folds") }), context);
});
