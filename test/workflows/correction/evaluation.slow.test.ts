/** Corrected test labels through evaluate, compare and crossvalidate's folds: they are stated first, and left out. */
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { before, test } from "node:test";
import { foldOf, foldsOf, writeFold } from "../../../src/histology/dataset/folds.ts";
import { evaluateOptions } from "../../../src/options/evaluate.ts";
import { comparisonLines } from "../../../src/reports/comparison/text.ts";
import { evaluationLines } from "../../../src/reports/evaluation/text.ts";
import { compare } from "../../../src/workflows/compare.ts";
import { evaluate } from "../../../src/workflows/evaluate.ts";
import { set } from "../../artifacts/corrections/support.ts";
import { context, drawCohort, prepareQuietly, recorder } from "../../support/cohort.ts";
import { jsonOf, useFolder } from "../../support/folder.ts";
import { modelBytes } from "../../support/inputs.ts";
import { closedDataset, journalOf } from "../../support/journal.ts";
import { corrected } from "./support.ts";

const at = useFolder("corrected evaluation");
const FIRST = /^Labels of the test split were corrected in 1 case, so that these numbers are not those on the labels/;
let correctedCase = "";

before(async () => {
  await drawCohort(at, { cases: 10 });
  await prepareQuietly({ source: at("patches"), out: at("dataset"), trainShare: 0.5 });
  writeFileSync(at("model.onnx"), modelBytes("compact"));
  const { rows } = await closedDataset(at("dataset"));
  const inTest = rows.filter(({ split }) => split === "test");
  correctedCase = inTest[0]!.caseId;
  const own = inTest.filter(({ caseId, label }) => caseId === correctedCase && label === 0).map(({ id }) => id);
  const train = rows.find(({ split, label }) => split === "train" && label === 0)!;
  const drafts = [
    set(1, own.slice(0, 2), "positive"),
    set(2, own.slice(2, 3), "exclude"),
    set(3, [train.id], "positive"),
  ];
  const journal = await journalOf(at("journal.jsonl"), at("dataset"), drafts);
  await corrected({ dataset: at("dataset"), journal, out: at("with_test"), correctTest: true });
  await corrected({ dataset: at("dataset"), journal, out: at("without_test") });
});

async function evaluated(dataset: string) {
  const { reporter, warnings } = recorder();
  const options = evaluateOptions.parse({ model: at("model.onnx"), dataset: at(dataset), out: at(`of ${dataset}`) });
  const result = await evaluate(options, { ...context, reporter });
  return {
    ...result,
    warnings,
    page: readFileSync(result.page!, "utf8"),
    json: jsonOf(at(`of ${dataset}`, "report.json")),
  };
}

test("corrected test labels are the first line of the page, of report.json's caveats and of the printed text", async () => {
  const { report, page, json, warnings, folder } = await evaluated("with_test");
  assert.deepEqual(json.dataset.corrected_cases, [correctedCase]);
  assert.match(json.caveats[0], FIRST);
  assert.match(evaluationLines({ report, page, folder })[0]!, FIRST);
  assert.match(warnings[0]!, FIRST);
  const body = page.slice(page.indexOf("<h1>"));
  assert.match(body, /^<h1>[^<]*<\/h1>\n<p class="warning">Labels of the test split were corrected in 1 case,/);
  assert.equal(page.split(json.caveats[0]).length, 2, "the page says it once");
});

test("without corrected test labels nothing is stated; a dataset that is not corrected has no list", async () => {
  const uncorrected = await evaluated("dataset");
  assert.ok(!("corrected_cases" in uncorrected.json.dataset));
  const { json, page, report, folder } = await evaluated("without_test");
  assert.deepEqual(json.dataset.corrected_cases, []);
  assert.deepEqual(json.caveats, []);
  assert.doesNotMatch(page, /were corrected/);
  assert.doesNotMatch(evaluationLines({ report, page, folder }).join(), /were corrected/);
  assert.deepEqual(json.metrics, uncorrected.json.metrics);
});

test("compare of the parent with the corrected dataset leaves the corrected case out, and says so", async () => {
  const runs = ["of dataset", "of with_test"].map((name) => at(name));
  const comparison = await compare({ runs }, context);
  const { rows } = await closedDataset(at("dataset"));
  const rest = rows.filter(({ split, caseId }) => split === "test" && caseId !== correctedCase);
  assert.equal(comparison.patches, rest.length);
  assert.deepEqual(comparison.left_out, [correctedCase]);
  assert.ok(
    comparisonLines(comparison).some(
      (line) => line.startsWith("1 test case left out,") && line.includes(correctedCase),
    ),
  );
  // The same model: on the remaining cases there is no difference at all.
  assert.equal(comparison.differences[0]!.metrics.auroc.value, 0);
  const same = await compare({ runs: [at("of dataset"), at("of without_test")] }, context);
  assert.ok(!("left_out" in same));
});

test("a fold of a corrected dataset names the corrected cases that it tests, whatever their split was", async () => {
  const dataset = await closedDataset(at("with_test"));
  const { cases } = dataset.description.corrections!;
  const all = [...cases.train, ...cases.val, ...cases.test];
  assert.equal(all.length, 2);
  const folds = foldsOf(dataset, 3, 1);
  const found: string[] = [];
  for (const number of [0, 1, 2]) {
    const place = at("folds", String(number), "dataset");
    await writeFold(foldOf(dataset, folds, number), place, "test");
    const { corrections } = (await closedDataset(place)).description;
    assert.deepEqual(corrections!.cases.test, all.filter((name) => folds.cases[number]!.includes(name)).sort());
    assert.equal(corrections!.parent.folder, "../../../dataset");
    assert.ok(!("patches" in corrections!));
    found.push(...corrections!.cases.test);
  }
  assert.deepEqual(found.sort(), all.sort());
});
