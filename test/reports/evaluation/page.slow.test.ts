/** The page: whole without a network, safe whatever names say, complete, and readable by those who do not see it. */
import assert from "node:assert/strict";
import { before, test } from "node:test";
import { METRIC_NAMES, METRICS } from "../../../src/metrics/table.ts";
import { drawReport } from "../../../src/reports/evaluation/drawing.ts";
import { reportPage } from "../../../src/reports/evaluation/page.ts";
import type { EvaluationReport } from "../../../src/reports/evaluation/report.ts";
import { evaluationLines, reportWarnings } from "../../../src/reports/evaluation/text.ts";
import { decimal, range } from "../../../src/reports/html/elements.ts";
import { RESEARCH_USE_NOTICE } from "../../../src/util/notice.ts";
import { galleryPictures } from "../../../src/workflows/evaluation/gallery.ts";
import { findLeakage } from "../../../src/workflows/evaluation/leakage.ts";
import { type EvaluationInput, reportOf } from "../../../src/workflows/evaluation/numbers.ts";
import { CARD, evaluatedOf, HOSTILE, PATCHES } from "../small_dataset.ts";

async function pageOf(evaluated: EvaluationInput): Promise<{ report: EvaluationReport; page: string }> {
  const report = reportOf(evaluated);
  const pictures = await galleryPictures(evaluated.dataset, report.gallery);
  return { report, page: reportPage(report, await drawReport(report), pictures) };
}

const HISTORY = [1, 2].map((epoch) => {
  return { epoch, loss: 0.5, accuracy: 0.8, val_loss: 0.4, val_accuracy: 0.8, val_auroc: 0.8 + epoch / 100 };
});
const TRAINING = { software: {}, engine: "fused", device: "cpu", settings: { optimizer: "<i>" }, history: HISTORY };
let report: EvaluationReport;
let page = "";

before(async () => {
  ({ report, page } = await pageOf({ ...evaluatedOf(), training: TRAINING }));
});

const withoutPictures = (text: string) => text.replace(/base64,[^"]*/g, "");
const all = (pattern: RegExp, text = page) => [...text.matchAll(pattern)].map((match) => match[1]!);

test("nothing outside the file is asked for", () => {
  assert.deepEqual(
    all(/\b(?:src|href|xlink:href)="([^"]*)"/g).filter(
      (to) => !to.startsWith("#") && !to.startsWith("data:image/png;base64,"),
    ),
    [],
  );
  assert.deepEqual(new Set(all(/url\(([^)]*)\)/g).map((to) => to[0])), new Set(["#"]));
  const withoutNames = page
    .replaceAll('xmlns="http://www.w3.org/2000/svg"', "")
    .replaceAll('xmlns:xlink="http://www.w3.org/1999/xlink"', "");
  assert.doesNotMatch(withoutNames, /https?:|@import|<link|<iframe|<object/);
  assert.match(page, /Content-Security-Policy" content="default-src &#39;none&#39;/);
});

test("names from files are text: a case called <script>, a model, a dataset, a setting", () => {
  assert.ok(report.by_case.some((row) => row.case === HOSTILE));
  assert.doesNotMatch(page, /<script|<b> on|<dataset>|<run>|<i>|<size>/);
  assert.ok(page.includes("&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;"));
});

test("names of classes are text too, on the page, in its drawings and in what is said of them", async () => {
  const names: [string, string] = ["benign <i> & $&", 'malig" onload="nant'];
  const { page: text } = await pageOf(evaluatedOf(PATCHES, { card: { ...CARD, class_names: names } }));
  assert.doesNotMatch(withoutPictures(text), /<i>|<(?:[^<>"]|"[^"]*")*\sonload=|IDC/);
  assert.ok(text.includes("Called malig&quot; onload=&quot;nant, labelled benign &lt;i&gt; &amp; $&amp;"));
  assert.equal(all(/<svg (role="img" aria-label="[^"]{20,}")/g, text).length, all(/<svg( )/g, text).length);
  assert.match(text, /aria-label="Decision curve [^"]* none of the patches malig&quot; onload=&quot;nant, at a share/);
});

test("ids are unique, and every link inside the page leads somewhere", () => {
  const ids = all(/\bid="([^"]*)"/g);
  assert.equal(new Set(ids).size, ids.length);
  const targets = [...all(/href="#([^"]*)"/g), ...all(/url\(#([^)]*)\)/g), ...all(/aria-labelledby="([^"]*)"/g)];
  assert.ok(targets.length > 12);
  for (const target of targets) assert.ok(ids.includes(target), target);
});

test("pictures and drawings have a text, tables have headings, headings skip no level", () => {
  assert.equal(all(/<img (?=[^>]*alt="Patch )/g).length, all(/<img /g).length);
  assert.equal(all(/<svg (role="img" aria-label="[^"]{20,}")/g).length, 6);
  assert.equal(all(/<svg( )/g).length, 6);
  assert.equal(all(/<table( )/g).length, all(/<caption(>)/g).length);
  assert.equal(all(/<tbody><tr><th( )scope="row"/g).length, all(/<table( )/g).length);
  const levels = all(/<h(\d)/g).map(Number);
  assert.equal(levels[0], 1);
  assert.ok(levels.slice(1).every((level, i) => level >= 2 && level <= levels[i]! + 1));
  assert.match(page, /^<!doctype html>\n<html lang="en">/);
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

test("drawings hold numbers only: no NaN, no text that was not meant", () => {
  assert.doesNotMatch(withoutPictures(page), /NaN|undefined|Infinity|\[object/);
});

test("a report without cases, without the other class, without temperature, is a page too", async () => {
  for (const label of [0, 1] as const) {
    const patches = PATCHES.map((patch) => ({ ...patch, label, case: "" }));
    const { page: text } = await pageOf(evaluatedOf(patches));
    assert.doesNotMatch(withoutPictures(text), /NaN|undefined|null|\[object/);
    assert.match(text, /not defined/);
    assert.match(text, /single patches/);
    assert.match(text, /names no cases/);
  }
});

test("leakage is told on the page and in the terminal; what cannot be checked is told too", async () => {
  const shared = PATCHES.map((patch, i) => (i === 125 ? { ...patch, case: "case 1" } : patch));
  const leaking = await pageOf(evaluatedOf(shared));
  assert.match(leaking.page, /class="warning"><b>Leakage/);
  assert.match(leaking.page, /1 case shared/);
  assert.match(reportWarnings(leaking.report)[0]!, /^Leakage: test shares 1 case and 0 patches with train/);
  const other = evaluatedOf();
  const foreign = await pageOf({
    ...other,
    card: { ...other.card, dataset_sha256: "0" },
    leakage: { checked: false, reason: "it was <elsewhere>" },
  });
  assert.match(foreign.page, /cannot be checked: it was &lt;elsewhere&gt;/);
  assert.match(reportWarnings(foreign.report)[0]!, /is not the dataset that the model was trained on/);
  const unknown = { ...other.card, dataset_sha256: null, epoch: null, seed: null, recipe: "imported" };
  const imported = await pageOf({ ...other, card: unknown, leakage: findLeakage(other.dataset, "test", "unknown") });
  assert.match(imported.page, /cannot be checked: it is not known what the model was trained on/);
  assert.match(imported.page, /<b>mine &lt;b&gt;<\/b> \(recipe imported\) classified/);
  assert.match(reportWarnings(imported.report)[0]!, /^It is not known what the model was trained on/);
  assert.doesNotMatch(withoutPictures(imported.page), /null|epoch/);
  assert.deepEqual(reportWarnings(report), []);
  const caveats = ["Beware of <this>."];
  const cautious = await pageOf({ ...other, caveats });
  assert.match(cautious.page, /class="warning">Beware of &lt;this&gt;\.</);
  assert.deepEqual(reportWarnings(cautious.report), caveats);
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

test("the same numbers give the same page", async () => {
  assert.equal((await pageOf({ ...evaluatedOf(), training: TRAINING })).page, page);
});
