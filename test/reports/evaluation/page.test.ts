/** The page without its drawings: complete, safe whatever names say, and with the warnings that the terminal shows too. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Split } from "../../../src/histology/dataset/split_names.ts";
import { METRIC_NAMES, METRICS } from "../../../src/metrics/table.ts";
import { reportPage } from "../../../src/reports/evaluation/page.ts";
import type { EvaluationReport } from "../../../src/reports/evaluation/report.ts";
import { evaluationLines, reportWarnings } from "../../../src/reports/evaluation/text.ts";
import { decimal, range } from "../../../src/reports/html/elements.ts";
import { RESEARCH_USE_NOTICE } from "../../../src/util/notice.ts";
import { findLeakage } from "../../../src/workflows/evaluation/leakage.ts";
import { type EvaluationInput, reportOf } from "../../../src/workflows/evaluation/numbers.ts";
import { evaluatedOf, HOSTILE, PATCHES, TRAINING } from "../small_dataset.ts";

function pageOf(evaluated: EvaluationInput): { report: EvaluationReport; page: string } {
  const report = reportOf(evaluated);
  return { report, page: reportPage(report, {}, new Map()) };
}

const { report, page } = pageOf({ ...evaluatedOf(), training: TRAINING });

test("names from files are text: a case called <script>, a model, a dataset, a setting", () => {
  assert.ok(report.by_case.some((row) => row.case === HOSTILE));
  assert.doesNotMatch(page, /<script|<b> on|<dataset>|<run>|<i>|<size>/);
  assert.ok(page.includes("&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;"));
});

test("the notice stands above the results, and what the numbers do not say beside them", () => {
  assert.ok(page.indexOf(RESEARCH_USE_NOTICE) < page.indexOf("Summary"));
  assert.match(page, /What these numbers do not say/);
  assert.match(page, /whole cases/);
});

test("every metric with its interval is on the page, and every row of the tables", () => {
  for (const name of METRIC_NAMES) {
    const { value } = report.metrics[name];
    const title = METRICS[name].title;
    assert.ok(
      page.includes(`<th scope="row">${title}</th><td>${decimal(value)}</td><td>${range(report.metrics[name])}</td>`),
      name,
    );
  }
  for (const row of report.operating_table) {
    assert.ok(
      page.includes(
        `<th scope="row">${row.point}</th><td>${decimal(row.threshold)}</td><td>${decimal(row.sensitivity)}</td>`,
      ),
    );
  }
  for (const text of [report.model_sha256, report.dataset.sha256, report.dataset.records_sha256, "(this split)"]) {
    assert.ok(page.includes(text), text);
  }
});

test("leakage is told on the page and in the terminal; what cannot be checked is told too", () => {
  const shared = PATCHES.map((patch, i) => (i === 125 ? { ...patch, case: "case 1" } : patch));
  const leaking = pageOf(evaluatedOf(shared));
  assert.match(leaking.page, /class="warning"><b>Leakage/);
  assert.match(leaking.page, /1 case shared/);
  assert.match(reportWarnings(leaking.report)[0]!, /^Leakage: test shares 1 case and 0 patches with train/);
  const other = evaluatedOf();
  const foreign = pageOf({
    ...other,
    card: { ...other.card, dataset_sha256: "0" },
    leakage: { checked: false, reason: "it was <elsewhere>" },
  });
  assert.match(foreign.page, /cannot be checked: it was &lt;elsewhere&gt;/);
  assert.match(reportWarnings(foreign.report)[0]!, /is not the dataset that the model was trained on/);
  const unknown = { ...other.card, dataset_sha256: null, epoch: null, seed: null, recipe: "imported" };
  const imported = pageOf({ ...other, card: unknown, leakage: findLeakage(other.dataset, "test", "unknown") });
  assert.match(imported.page, /cannot be checked: it is not known what the model was trained on/);
  assert.match(imported.page, /<b>mine &lt;b&gt;<\/b> \(recipe imported\) classified/);
  assert.match(reportWarnings(imported.report)[0]!, /^It is not known what the model was trained on/);
  assert.doesNotMatch(imported.page, /null|epoch/);
  assert.deepEqual(reportWarnings(report), []);
  const caveats = ["Beware of <this>."];
  const cautious = pageOf({ ...other, caveats });
  assert.match(cautious.page, /class="warning">Beware of &lt;this&gt;\.</);
  assert.deepEqual(reportWarnings(cautious.report), caveats);
});

test("only a split of the training's own dataset is said to have made the model", () => {
  const summary = (split: Split, same_as_in_training: boolean, model: Partial<EvaluationReport["model"]> = {}) =>
    reportPage(
      { ...report, split, dataset: { ...report.dataset, same_as_in_training }, model: { ...report.model, ...model } },
      {},
      new Map(),
    );
  assert.match(
    summary("train", true),
    /The train split is what the model learned from: these numbers flatter the model\./,
  );
  assert.match(summary("val", true), /The val split chose the epoch, the temperature and the threshold: these/);
  assert.match(summary("val", true, { kept: "last" }), /The val split chose the temperature and the threshold: these/);
  assert.match(summary("val", false), /If the model was calibrated on this validation split, these numbers flatter/);
  for (const page of [
    summary("test", true),
    summary("train", false),
    summary("val", false, { calibrated_on: "crossvalidation" }),
  ]) {
    assert.doesNotMatch(page, /flatter the model/);
  }
});

test("the terminal shows scikit-learn's report, the matrix and every metric with its interval", () => {
  const lines = evaluationLines({ folder: null, page: null, report }).join("\n");
  assert.match(lines, /precision {4}recall {2}f1-score {3}support/);
  assert.match(lines, /predicted no IDC {2}predicted IDC/);
  for (const name of METRIC_NAMES) {
    const { title } = METRICS[name];
    assert.ok(lines.includes(title) && lines.includes(range(report.metrics[name])), name);
  }
});
