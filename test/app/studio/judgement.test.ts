/** What the evaluation screen computes: the numbers at a threshold, the selected patches, the commands. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { PredictionColumns } from "../../../src/app/api/evaluations.ts";
import { commandAt } from "../../../src/app/web/screens/evaluations/commands.ts";
import { createJudgement, stepped } from "../../../src/app/web/screens/evaluations/judgement.ts";
import {
  gridAddress,
  parseSelection,
  type Selection,
  selectedPatches,
  selectionText,
} from "../../../src/app/web/screens/evaluations/selection.ts";
import { reliabilityBins } from "../../../src/metrics/calibration.ts";
import { metricsWithIntervals } from "../../../src/metrics/intervals.ts";
import { confusionAt } from "../../../src/metrics/tally.ts";
import { exactDecimal } from "../../../src/reports/prediction.ts";
import { reportOf } from "../../../src/workflows/evaluation/numbers.ts";
import { clusteredSample } from "../../metrics/clustered.ts";
import { CARD, evaluatedOf, type Patch } from "../../reports/small_dataset.ts";

const sample = clusteredSample({ seed: 3, cases: 8, patchesPerCase: 20 });
// Many probabilities are ends of bins, and one is the threshold. They are those of float32, as a model gives them.
const rounded = sample.probabilities.map((p, i) =>
  exactDecimal(Math.fround(i % 2 === 0 ? Math.round(p * 20) / 20 : p)),
);
const THRESHOLD = exactDecimal(Math.fround(0.45));
const names = [...new Set(sample.cases)];
const columns: PredictionColumns = {
  labels: Uint8Array.from(sample.labels),
  probabilities: Float64Array.from(rounded),
  caseOf: Uint32Array.from(sample.cases, (name) => names.indexOf(name)),
  records: Uint32Array.from(sample.labels, (_, i) => i),
  cases: names,
};
const patches = sample.labels.map(
  (label, i): Patch => ({ id: `p${i}`, case: sample.cases[i]!, label: label as 0 | 1, split: "test", colour: 0 }),
);
const report = reportOf(
  evaluatedOf(patches, { probabilities: Float32Array.from(rounded), card: { ...CARD, threshold: THRESHOLD } }),
);
const dataset = { id: "d", path: "my data" };
const answer = { report, reportSha256: "", model: "run", dataset };

test("at any threshold the numbers are those of evaluate, to the last digit", () => {
  const judgement = createJudgement("e", answer, columns, { prevalence: "0.5" });
  const at = (threshold: number) => {
    judgement.threshold.value = threshold;
    return judgement.estimates.value;
  };
  const { confusion, metrics, predictive } = at(report.threshold);
  assert.deepEqual(confusion, report.confusion);
  for (const [name, estimate] of Object.entries(metrics)) {
    assert.deepEqual(estimate, report.metrics[name as keyof typeof metrics], name);
  }
  const row = report.prevalence.at.find(({ prevalence }) => prevalence === 0.5)!;
  assert.deepEqual(
    [predictive[0]!.ppv.value, predictive[0]!.ppv.low, predictive[0]!.npv.high],
    [row.ppv, row.ppv_low, row.npv_high],
  );
  for (const threshold of [0, 0.3, 0.55, 1]) {
    const own = at(threshold);
    const whole = metricsWithIntervals({ ...sample, probabilities: rounded }, threshold);
    assert.deepEqual(own.confusion, confusionAt(sample.labels, rounded, threshold));
    for (const [name, estimate] of Object.entries(own.metrics)) {
      assert.deepEqual(estimate, whole[name as keyof typeof whole], `${name} at ${threshold}`);
    }
  }
});

test("the address keeps what was chosen, and only that", () => {
  const view = { threshold: "0.25", prevalence: "0.02", show: "fn" };
  assert.deepEqual(createJudgement("e", answer, columns, view).view.value, view);
  const nothing = { threshold: undefined, prevalence: undefined, show: undefined };
  const wrong = { threshold: "1.5", prevalence: "0", show: "bin-12" };
  assert.deepEqual(createJudgement("e", answer, columns, wrong).view.value, nothing);
  assert.deepEqual(createJudgement("e", answer, columns, {}).jumps.at(-1), { name: "0.5", key: "h", threshold: 0.5 });
  assert.deepEqual([0.1 + 0.2, 0.7311, -1, 2].map(stepped), [0.3, 0.731, 0, 1]);
});

test("a cell has as many patches as the matrix says, a bin as many as the diagram; the surest come first", () => {
  const of = (selection: Selection) => selectedPatches(columns, selection, THRESHOLD);
  for (const outcome of ["tn", "fp", "fn", "tp"] as const) {
    const places = of({ outcome });
    assert.equal(places.length, report.confusion[outcome], outcome);
    const shown = Array.from(places, (place) => rounded[place]!);
    const isCalled = outcome === "fp" || outcome === "tp";
    assert.deepEqual(
      shown,
      shown.toSorted((a, b) => (isCalled ? b - a : a - b)),
    );
    assert.ok(shown.every((p) => p >= THRESHOLD === isCalled));
  }
  for (const [bin, { patches: count }] of reliabilityBins(sample.labels, rounded).entries()) {
    assert.equal(of({ bin }).length, count, `bin ${bin}`);
  }
});

test("the address of the grid selects the same patches by label and probability", () => {
  const place = { id: "e", dataset: "d", split: "test" };
  for (const selection of [{ outcome: "fn" }, { outcome: "tp" }, { bin: 3 }, { bin: 9 }] as const) {
    const places = selectedPatches(columns, selection, THRESHOLD);
    const { pathname, searchParams } = new URL(gridAddress(place, selection, places, columns)!, "http://x");
    assert.equal(pathname, "/datasets/d");
    const { run, split, label, from, to } = Object.fromEntries(searchParams) as Record<string, string>;
    assert.deepEqual([run, split], ["e", "test"]);
    const filtered = rounded.flatMap((p, i) =>
      p >= Number(from) && p <= Number(to) && (label === undefined || sample.labels[i] === Number(label)) ? [i] : [],
    );
    assert.deepEqual(
      [...places].sort((a, b) => a - b),
      filtered,
    );
    assert.deepEqual(parseSelection(selectionText(selection)), selection);
  }
  assert.equal(gridAddress({ ...place, dataset: undefined }, { bin: 3 }, Uint32Array.of(1), columns), undefined);
});

test("the commands for a threshold and a prevalence", () => {
  assert.equal(
    commandAt(answer, 0.3, 0.02),
    "cancernet calibrate run --dataset 'my data' --threshold 0.3 --out threshold-0.3.onnx && " +
      "cancernet evaluate threshold-0.3.onnx --dataset 'my data' --prevalence 0.02 --out threshold-0.3",
  );
  assert.equal(
    commandAt(answer, report.threshold, 0.1),
    "cancernet evaluate run --dataset 'my data' --prevalence 0.1 --out evaluation-again",
  );
  assert.equal(commandAt({ ...answer, dataset: null }, report.threshold, 0.1), report.command);
  assert.equal(commandAt({ ...answer, dataset: null }, 0.3, 0.1), null);
  const elsewhere = { ...report, dataset: { ...report.dataset, same_as_in_training: false } };
  assert.equal(commandAt({ ...answer, report: elsewhere }, 0.3, 0.1), null, "calibrate would change the temperature");
});
