/** The report of a cross-validation from answers written by hand: its numbers, and what its page and the terminal say. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { computeMetrics, METRIC_NAMES, METRICS } from "../../../src/metrics/table.ts";
import { crossvalidationPage } from "../../../src/reports/crossvalidation/page.ts";
import { crossvalidationLines } from "../../../src/reports/crossvalidation/text.ts";
import { decimal, range } from "../../../src/reports/html/elements.ts";
import { RESEARCH_USE_NOTICE } from "../../../src/util/notice.ts";
import { refused } from "../../support/refused.ts";
import { PATCHES } from "../small_dataset.ts";
import { CASES, FOLDS, probabilityOf, reported, resultOf, THRESHOLDS } from "./small_folds.ts";

const report = await reported();
const page = crossvalidationPage(report, {});

test("each fold's numbers are those of its own patches at its own threshold", () => {
  for (const [place, { metrics, cases, counts, best_epoch, confusion }] of report.folds.entries()) {
    const own = [...PATCHES.keys()].filter((patch) => FOLDS.cases[place]!.includes(PATCHES[patch]!.case));
    const labels = own.map((patch) => PATCHES[patch]!.label);
    const expected = computeMetrics(labels, own.map(probabilityOf), THRESHOLDS[place]!);
    for (const name of METRIC_NAMES) assert.equal(metrics[name].value, expected[name].value, name);
    assert.deepEqual([cases, best_epoch, counts.test.patches], [FOLDS.cases[place], place + 2, own.length]);
    assert.equal(confusion.tp + confusion.fn, labels.filter((label) => label === 1).length);
  }
  const [one, two, three] = report.folds.map(({ metrics }) => metrics.sensitivity.value!) as [number, number, number];
  const mean = (one + two + three) / 3;
  const deviation = Math.sqrt(((one - mean) ** 2 + (two - mean) ** 2 + (three - mean) ** 2) / 2);
  const found = report.over_folds.sensitivity;
  assert.ok(Math.abs(found.mean! - mean) < 1e-12 && Math.abs(found.standard_deviation! - deviation) < 1e-12);
});

test("over all patches: counts are the sums of the folds', each case has the threshold of its fold", async () => {
  for (const name of ["tn", "fp", "fn", "tp"] as const) {
    assert.equal(
      report.confusion[name],
      report.folds.reduce((sum, fold) => sum + fold.confusion[name], 0),
    );
  }
  const { tp, fn } = report.confusion;
  assert.equal(report.metrics.sensitivity.value, tp / (tp + fn));
  assert.deepEqual([report.patches, report.cases, report.by_case.length], [150, 5, 5]);
  const last = report.by_case.find((row) => row.case === CASES[4])!;
  assert.deepEqual([last.fold, last.sensitivity], [3, report.folds[2]!.metrics.sensitivity.value]);
  assert.deepEqual(JSON.parse(JSON.stringify(report)), report);
  assert.deepEqual(await reported(), report);
});

test("an evaluation of other patches than the fold's is refused by name", async () => {
  const results = [resultOf(0), resultOf(1), { ...resultOf(2), evaluation: resultOf(1).evaluation }];
  await assert.rejects(reported(results), refused("evaluation-mismatch", "fold 2"));
});

test("the page says what it must: the notice first, what pooling means, each metric and each fold", async () => {
  assert.ok(page.indexOf(RESEARCH_USE_NOTICE) < page.indexOf("Summary"));
  assert.match(page, /Bengio &amp; Grandvalet 2004/);
  assert.match(page, /rank probabilities of 3 models together/);
  for (const name of METRIC_NAMES) {
    const { value } = report.metrics[name];
    const cells = `<th scope="row">${METRICS[name].title}</th><td>${decimal(value)}</td><td>${range(report.metrics[name])}</td>`;
    assert.ok(page.includes(cells), name);
  }
  for (const { model_sha256, threshold } of report.folds) {
    assert.ok(page.includes(model_sha256) && page.includes(`<td>${decimal(threshold)}</td>`));
  }
  assert.doesNotMatch(page, /Leakage/);
  const leaking = await reported([resultOf(0), resultOf(1, true), resultOf(2)]);
  assert.match(crossvalidationPage(leaking, {}), /<b>Leakage\.<\/b> Patches of fold 2 have/);
});

test("the terminal shows every metric over all patches and over folds, and what they mean", () => {
  const lines = crossvalidationLines({ folder: "folds", page: "folds/report.html", report, unfinished: [] }).join("\n");
  for (const name of METRIC_NAMES) assert.ok(lines.includes(`${METRICS[name].title} `), name);
  assert.ok(lines.includes(range(report.metrics.auroc)) && lines.includes(decimal(report.over_folds.auroc.mean)));
  assert.match(lines, /Bengio & Grandvalet/);
});
