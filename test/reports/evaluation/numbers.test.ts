/** The report's numbers are those of src/metrics on the same patches; leakage is found; the gallery shows the surest mistakes. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { describe, test } from "node:test";
import { RECORD_BYTES } from "../../../src/histology/dataset/record.ts";
import { estimatesByThreshold } from "../../../src/metrics/at_threshold.ts";
import { scaledProbability } from "../../../src/metrics/calibration.ts";
import { logLoss } from "../../../src/metrics/scoring_rules.ts";
import { computeMetrics, METRIC_NAMES } from "../../../src/metrics/table.ts";
import { tallyOf } from "../../../src/metrics/tally.ts";
import type { ShownPatch } from "../../../src/reports/evaluation/gallery.ts";
import { chooseGallery } from "../../../src/reports/evaluation/gallery.ts";
import { uncheckedText } from "../../../src/reports/evaluation/leakage.ts";
import { reportPage } from "../../../src/reports/evaluation/page.ts";
import { evaluationLines, reportWarnings } from "../../../src/reports/evaluation/text.ts";
import { atOnce } from "../../../src/util/turns.ts";
import { findLeakage, leakageOf } from "../../../src/workflows/evaluation/leakage.ts";
import { reportOf } from "../../../src/workflows/evaluation/numbers.ts";
import { findKnown, knownPatches } from "../../../src/workflows/known_patches.ts";
import { CARD, datasetOf, evaluatedOf, PATCHES, PROBABILITIES } from "../small_dataset.ts";

const LABELS = PATCHES.slice(0, 120).map(({ label }) => label);
const EXACT = Array.from(PROBABILITIES, (p) => Number(p.toPrecision(9)));

test("metrics, confusion and counts are those of the patches; everything survives JSON", () => {
  const report = reportOf(evaluatedOf());
  const expected = computeMetrics(LABELS, EXACT, 0.45);
  for (const name of METRIC_NAMES) {
    assert.equal(report.metrics[name].value, expected[name].value, name);
    const { value, low, high } = report.metrics[name];
    assert.ok(low! <= value! && value! <= high!, `${name}: ${low} ${value} ${high}`);
  }
  const { tn, fp, fn, tp } = report.confusion;
  assert.deepEqual([report.patches, report.cases, tn + fp, fn + tp], [120, 4, 80, 40]);
  assert.deepEqual(JSON.parse(JSON.stringify(report)), report);
  assert.deepEqual(reportOf(evaluatedOf()), report);
});

test("by case: each case's own metrics, cases in the order of their numbers", () => {
  const { by_case } = reportOf(evaluatedOf());
  assert.deepEqual(by_case.map((row) => row.case).slice(1), ["case 1", "case 2", "case 3"]);
  const own = computeMetrics(LABELS.slice(30, 60), EXACT.slice(30, 60), 0.45);
  const { patches, idc_share, auroc, sensitivity, specificity } = by_case[1]!;
  assert.deepEqual([patches, idc_share], [30, 1 / 3]);
  assert.deepEqual([auroc, sensitivity, specificity], [own.auroc.value, own.sensitivity.value, own.specificity.value]);
});

test("predictive values: at the set's own share those of the metrics, elsewhere by Bayes", () => {
  const { prevalence, metrics } = reportOf(evaluatedOf());
  assert.deepEqual(
    prevalence.at.map((row) => row.prevalence),
    [0.1, 1 / 3, 0.5],
  );
  assert.deepEqual([prevalence.at[1]!.ppv, prevalence.at[1]!.npv], [metrics.ppv.value, metrics.npv.value]);
  const [found, alarms] = [metrics.sensitivity.value! * 0.1, (1 - metrics.specificity.value!) * 0.9];
  assert.ok(Math.abs(prevalence.at[0]!.ppv! - found / (found + alarms)) < 1e-12);
});

test("intervals of predictive values: at the own share those of the metrics, elsewhere those of the slider, printed and on the page", () => {
  const report = reportOf(evaluatedOf());
  const { prevalence, metrics, threshold } = report;
  const cases = PATCHES.slice(0, 120).map((patch) => patch.case);
  const at = estimatesByThreshold({ labels: LABELS, probabilities: EXACT, cases })(threshold, [0.1, 0.5]);
  const expected = [at.predictive[0]!, { ppv: metrics.ppv, npv: metrics.npv }, at.predictive[1]!];
  const [text, page] = [
    evaluationLines({ folder: null, page: null, report }).join("\n"),
    reportPage(report, {}, new Map()),
  ];
  for (const [i, row] of prevalence.at.entries()) {
    const { ppv, npv } = expected[i]!;
    assert.deepEqual([row.ppv, row.ppv_low, row.ppv_high], [ppv.value, ppv.low, ppv.high]);
    assert.deepEqual([row.npv, row.npv_low, row.npv_high], [npv.value, npv.low, npv.high]);
    assert.ok(ppv.low! < ppv.value! && ppv.value! < ppv.high! && npv.low! < npv.value!);
    for (const one of [ppv, npv]) {
      const shown = [one.value!, one.low!, one.high!].map((number) => number.toFixed(3));
      assert.match(text, new RegExp(` ${shown[0]} +${shown[1]} to ${shown[2]}`));
      assert.ok(page.includes(`<td>${shown[0]}</td><td>${shown[1]} to ${shown[2]}</td>`), shown.join());
    }
  }
});

test("calibration before is that of the probabilities with the temperature taken back; without temperature there is none", () => {
  const { calibration } = reportOf(evaluatedOf());
  const raw = EXACT.map((p) => scaledProbability(p, 1 / 2));
  assert.equal(calibration.before!.log_loss, logLoss(tallyOf(LABELS, raw)));
  assert.equal(calibration.after.log_loss, logLoss(tallyOf(LABELS, EXACT)));
  assert.equal(reportOf(evaluatedOf(PATCHES, { card: { ...CARD, temperature: 1 } })).calibration.before, null);
});

test("one class alone, and cases without names: what is undefined is null, and patches count one by one", () => {
  const patches = PATCHES.map((patch) => ({ ...patch, label: 0 as const, case: "" }));
  const report = reportOf(evaluatedOf(patches));
  assert.deepEqual(report.metrics.auroc, { value: null, low: null, high: null });
  assert.deepEqual([report.roc, report.by_case, report.cases], [[], [], 0]);
  assert.equal(report.intervals.unit, "patches");
  assert.equal(report.operating_table.length, 2);
  assert.equal(report.leakage.checked && report.leakage.overlaps[0]!.shared_cases, null);
});

describe("leakage", () => {
  test("none where cases and pixels differ", () => {
    const overlaps = [
      { split: "train", shared_cases: 0, shared_patches: 0 },
      { split: "val", shared_cases: 0, shared_patches: 0 },
    ];
    assert.deepEqual(findLeakage(datasetOf(PATCHES), "test", "this"), { checked: true, overlaps, found: false });
  });

  test("a shared case, and a shared picture under another name", () => {
    const shared = PATCHES.map((patch, i) => {
      if (i === 125) return { ...patch, case: "case 1" };
      return i === 130 ? { ...patch, colour: 4 } : patch;
    });
    const leakage = findLeakage(datasetOf(shared), "test", "this");
    assert.ok(leakage.checked && leakage.found);
    assert.deepEqual(leakage.overlaps[0], { split: "train", shared_cases: 1, shared_patches: 1 });
  });

  test("on another dataset, by the patches that the model's card remembers: eight of each case", async () => {
    const dataset = datasetOf(PATCHES);
    const known = atOnce(knownPatches(dataset));
    const digests = dataset
      .indicesOf("train")
      .values()
      .map((index) => {
        const record = new Uint8Array(RECORD_BYTES);
        dataset.read(index, record, 0);
        return createHash("sha256").update(record).digest("base64").slice(0, 8);
      });
    assert.equal(known, [...digests].sort().slice(0, 8).join(""));
    const { signal } = new AbortController();
    const card = { dataset_sha256: "another", known_patches: known };
    const swapped = PATCHES.map((patch) => ({ ...patch, split: patch.split === "test" ? "train" : "test" }) as const);
    const seen = await leakageOf(card, { dataset: datasetOf(swapped), split: "test" }, signal);
    assert.deepEqual(!seen.checked && seen.known, { compared: 8, patches: 8, cases: 1 });
    assert.match(uncheckedText(seen as never, "test"), /^1 case of test was used to make the model: /);
    const unseen = await leakageOf(card, { dataset, split: "test" }, signal);
    assert.deepEqual(!unseen.checked && unseen.known, { compared: 8, patches: 0, cases: 0 });
    assert.match(
      uncheckedText(unseen as never, "test"),
      /none of the 8 remembered patches of the training, a few of each case, is in test/,
    );
    const own = await leakageOf({ ...card, dataset_sha256: CARD.dataset_sha256 }, { dataset, split: "test" }, signal);
    assert.deepEqual(own, findLeakage(dataset, "test", "this"));
    const [report] = [reportOf({ ...evaluatedOf(), card: { ...CARD, ...card }, leakage: seen })];
    assert.deepEqual(
      reportWarnings(report)[0],
      "Leakage: 1 case of test was used to make the model, so these numbers flatter the model.",
    );
    assert.match(reportPage(report, {}, new Map()), /Yes: 1 case of test was used/);
    assert.ok(!("known_patches" in report.model));
  });

  test("patches without case names are remembered too, up to 256 of them", () => {
    const unnamed = Array.from({ length: 300 }, (_, colour) => ({
      ...PATCHES[149]!,
      case: "",
      id: `${colour}`,
      colour,
    }));
    const known = atOnce(knownPatches(datasetOf(unnamed)));
    assert.equal(known.length, 256 * 8);
    const dataset = datasetOf(unnamed.slice(0, 150).map((patch) => ({ ...patch, split: "test" as const })));
    const { patches, cases } = atOnce(findKnown(known, dataset, dataset.indicesOf("test")));
    // Of 300 digests the 256 smallest are known, so at least 106 of these 150 are.
    assert.ok(patches >= 106 && patches <= 150 && cases === null, `${patches}`);
  });

  test("what cannot be checked is not called clean", () => {
    assert.equal(findLeakage(datasetOf(PATCHES), "test", "another").checked, false);
    assert.equal(findLeakage(datasetOf(PATCHES), "train", "this").checked, false);
    const val = findLeakage(datasetOf(PATCHES), "val", "this");
    assert.deepEqual(val.checked && val.overlaps.map(({ split }) => split), ["train"]);
  });
});

test("the gallery: mistakes only, the surest first, a patch on the threshold called IDC", () => {
  const patch = (index: number, label: 0 | 1, probability: number): ShownPatch => {
    return { index, id: `${index}`, case: "a", label, probability };
  };
  const patches = [
    patch(0, 0, 0.5),
    patch(1, 0, 0.9),
    patch(2, 0, 0.4),
    patch(3, 1, 0.5),
    patch(4, 1, 0.1),
    patch(5, 1, 0.3),
  ];
  const { false_positives, false_negatives, hardest_cases } = chooseGallery(patches, 0.5);
  assert.deepEqual(
    false_positives.map(({ index }) => index),
    [1, 0],
  );
  assert.deepEqual(
    false_negatives.map(({ index }) => index),
    [4, 5],
  );
  assert.deepEqual(hardest_cases, []);
  const many = Array.from({ length: 60 }, (_, i) => ({
    ...patch(i, 1, i < 20 ? 0.8 : 0.2),
    case: i < 20 ? "easy" : "hard",
  }));
  const [hardest] = chooseGallery(many, 0.5).hardest_cases;
  assert.deepEqual([hardest!.case, hardest!.patches, hardest!.worst.length], ["hard", 40, 6]);
  assert.ok(Math.abs(hardest!.brier - 0.64) < 1e-12);
});
