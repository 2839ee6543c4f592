/** The report of a cross-validation from answers written by hand: its numbers, and a page that is whole, safe and readable. */
import assert from "node:assert/strict";
import { before, test } from "node:test";
import type { CrossvalidationDescription } from "../../../src/artifacts/crossvalidation_folder.ts";
import { foldOf } from "../../../src/histology/dataset/folds.ts";
import { computeMetrics, METRIC_NAMES, METRICS } from "../../../src/metrics/table.ts";
import { RECIPES } from "../../../src/options/training/recipes.ts";
import { drawCrossvalidation } from "../../../src/reports/crossvalidation/charts.ts";
import { crossvalidationPage } from "../../../src/reports/crossvalidation/page.ts";
import type { CrossvalidationReport } from "../../../src/reports/crossvalidation/report.ts";
import { crossvalidationLines } from "../../../src/reports/crossvalidation/text.ts";
import { decimal, range } from "../../../src/reports/html/elements.ts";
import { RESEARCH_USE_NOTICE } from "../../../src/util/notice.ts";
import { silent } from "../../../src/util/reporter.ts";
import { crossvalidationReport, type FoldResult } from "../../../src/workflows/crossvalidation/numbers.ts";
import { refused } from "../../support/refused.ts";
import { datasetOf, HOSTILE, PATCHES } from "../small_dataset.ts";

const DATASET = datasetOf(PATCHES);
const CASES = [...new Set(PATCHES.map((patch) => patch.case))];
/** Five cases: two, two and one. */
const FOLDS = { seed: 42, cases: [CASES.slice(0, 2), CASES.slice(2, 4), CASES.slice(4)] };
const THRESHOLDS = [0.3, 0.5, 0.7];

const DESCRIPTION = {
  format: 1,
  software: {},
  command: "cancernet crossvalidate 'the <dataset>' --out folds",
  dataset: { folder: "the <dataset>", sha256: DATASET.description.sha256 },
  seed: 42,
  folds: FOLDS.cases,
  options: { ...RECIPES.default, recipe: "default", model: "cancernet", threshold: "youden", seed: 42 },
} as unknown as CrossvalidationDescription;

/** What the model of a fold says of a patch. */
const probabilityOf = (patch: number) => {
  const noise = ((patch * 7919) % 150) / 150;
  return Number((PATCHES[patch]!.label === 1 ? 0.3 + 0.69 * noise : 0.01 + 0.69 * noise).toFixed(6));
};

function resultOf(place: number, leaking = false): FoldResult {
  const fold = foldOf(DATASET, FOLDS, place);
  const answers = Array.from(fold.indicesOf("test"), (index) => {
    const { id, caseId, label } = fold.rows[index]!;
    return [id, { case: caseId, label, probability: probabilityOf(index) }] as const;
  });
  const report = {
    split: "test",
    threshold: THRESHOLDS[place]!,
    confusion: { tn: 0, fp: 0, fn: 0, tp: 0 },
    leakage: { checked: true, found: leaking },
    model: {
      name: "run",
      architecture: "cancernet",
      class_names: ["no IDC", "IDC"] as [string, string],
      recipe: "default",
      epoch: place + 2,
      seed: 42,
      dataset_sha256: "00",
    },
    dataset: { folder: "fold", sha256: "00", same_as_in_training: true },
    model_sha256: String(place).repeat(64),
    calibration: { temperature: 1.5 },
  } as const;
  return { fold, evaluation: { name: `fold ${place + 1}`, report, answers: new Map(answers) } };
}

const context = { reporter: silent, signal: new AbortController().signal };
const reported = (results = [0, 1, 2].map((place) => resultOf(place))) =>
  crossvalidationReport({ folder: "folds", description: DESCRIPTION }, results, context);
let report: CrossvalidationReport;
let page = "";
const all = (pattern: RegExp) => [...page.matchAll(pattern)].map((match) => match[1]!);

before(async () => {
  report = await reported();
  page = crossvalidationPage(report, await drawCrossvalidation(report));
});

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

test("the page asks for nothing outside, escapes names, and its links lead somewhere", () => {
  assert.deepEqual(
    all(/\b(?:src|href|xlink:href)="([^"]*)"/g).filter((to) => !to.startsWith("#")),
    [],
  );
  assert.doesNotMatch(page, /<script|<dataset>|NaN|undefined|Infinity|\[object|>null</);
  assert.ok(page.includes(HOSTILE.replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;")));
  const ids = all(/\bid="([^"]*)"/g);
  assert.equal(new Set(ids).size, ids.length);
  for (const target of [...all(/href="#([^"]*)"/g), ...all(/url\(#([^)]*)\)/g)])
    assert.ok(ids.includes(target), target);
  assert.equal(all(/<svg (role="img" aria-label="[^"]{20,}")/g).length, 2);
  assert.equal(all(/<table( )/g).length, all(/<caption(>)/g).length);
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
  const lines = crossvalidationLines({ folder: "folds", page: "folds/report.html", report }).join("\n");
  for (const name of METRIC_NAMES) assert.ok(lines.includes(`${METRICS[name].title} `), name);
  assert.ok(lines.includes(range(report.metrics.auroc)) && lines.includes(decimal(report.over_folds.auroc.mean)));
  assert.match(lines, /Bengio & Grandvalet/);
});
