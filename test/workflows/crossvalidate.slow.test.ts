/** A cross-validation end to end: interrupted between folds, in a training and in an evaluation, it ends with the same bytes; what it refuses. */

import assert from "node:assert/strict";
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { readModelFile } from "../../src/artifacts/open_model.ts";
import { locateModel } from "../../src/artifacts/run_folder.ts";
import { openDataset } from "../../src/histology/dataset/dataset.ts";
import { neighbourhoodFeatures } from "../../src/histology/neighbourhood.ts";
import { computeMetrics, METRIC_NAMES, METRICS } from "../../src/metrics/table.ts";
import { addContextOptions } from "../../src/options/add_context.ts";
import { calibrateOptions } from "../../src/options/calibrate.ts";
import { compareOptions } from "../../src/options/compare.ts";
import type { CrossvalidateOptions } from "../../src/options/crossvalidate.ts";
import { prepareOptions } from "../../src/options/prepare.ts";
import { eventLines } from "../../src/reports/event_text.ts";
import { progressTitle } from "../../src/reports/progress_text.ts";
import { neighbourSteps } from "../../src/scoring/fit_neighbours.ts";
import { withRunLock } from "../../src/system/folder_lock.ts";
import { fromCsv } from "../../src/util/csv.ts";
import { type Progress, type Reporter, silent } from "../../src/util/reporter.ts";
import { inTurns } from "../../src/util/turns.ts";
import { addContext } from "../../src/workflows/add_context.ts";
import { calibrate } from "../../src/workflows/calibrate.ts";
import { compare } from "../../src/workflows/compare.ts";
import { type CrossvalidationReport, crossvalidate } from "../../src/workflows/crossvalidate.ts";
import { readUnseen } from "../../src/workflows/crossvalidation/unseen.ts";
import { prepare } from "../../src/workflows/prepare.ts";
import { context } from "../support/cohort.ts";
import { jsonOf } from "../support/folder.ts";
import { type Refusal, refused } from "../support/refused.ts";
import { commandProcess, signalAtPatch, useDataset } from "./resume_fixture.ts";

const SETTINGS = { folds: 3, model: "compact", epochs: 2, batchSize: 12, views: 1, statistics: "running", threads: 1 };
let report: CrossvalidationReport;
const at = useDataset(async () => {
  report = await run({ dataset: at("dataset"), out: at("folds"), ...SETTINGS });
  renameSync(at("folds"), at("expected"));
});
const run = async (given: object, more: Partial<typeof context> = {}) =>
  (await crossvalidate(given as CrossvalidateOptions & { shard?: undefined }, { ...context, ...more })).report;
const json = (...names: string[]) => jsonOf(at(...names));

/** The folders of the interrupted attempts at a fold. */
const attemptsAt = (fold: number): string[] => {
  const folder = at("folds", ".units", "parts", `fold-${fold}`);
  return readdirSync(folder).flatMap((name) => (name.endsWith(".partial") ? [join(folder, name)] : []));
};

/** All files but the checkpoints, of which an interrupted training has others. */
function filesOf(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.name.startsWith("checkpoint-"))
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .sort();
}

function assertAsExpected(label: string): void {
  assert.deepEqual(filesOf(at("folds")), filesOf(at("expected")), label);
  for (const file of filesOf(at("folds"))) {
    assert.ok(readFileSync(at("folds", file)).equals(readFileSync(at("expected", file))), `${label}: ${file} differs`);
  }
}

/** Stops where the reporter hears what is looked for. */
async function stopped(given: object, where: { line?: RegExp; progress?: (progress: Progress) => boolean }) {
  const stop = new AbortController();
  const lines: string[] = [];
  const reporter: Reporter = {
    ...silent,
    event(event) {
      lines.push(...eventLines(event));
      if (lines.some((line) => where.line?.test(line))) stop.abort(new Error("stopped"));
    },
    progress(progress) {
      if (where.progress?.(progress)) stop.abort(new Error("stopped"));
    },
  };
  await assert.rejects(run(given, { reporter, signal: stop.signal }), /stopped/);
  assert.equal(lines.at(-1), `Resume with: cancernet crossvalidate --resume '${at("folds")}'`);
}

const skip = process.platform === "win32" && "Windows knows no signals";

test("interrupted after a fold, in a training and in an evaluation, it goes on and ends with the same bytes", {
  skip,
}, async () => {
  const folder = at("folds");
  await stopped({ dataset: at("dataset"), out: folder, ...SETTINGS }, { line: /^Fold 2\/3: \d/ });
  assert.equal(json("folds", "fold-1", "run", "run.json").status, "finished");
  const [left] = attemptsAt(2);
  assert.deepEqual(readdirSync(left!), ["dataset"]);
  // What a process may leave that is killed as it begins a fold.
  rmSync(join(left!, "dataset", "dataset.json"), { force: true });
  mkdirSync(join(left!, "run"));
  writeFileSync(join(left!, "run", "run.lock"), "");

  const ended = await commandProcess(["crossvalidate", "--resume", folder], { preload: signalAtPatch(20, ["SIGINT"]) });
  assert.equal(ended.code, 130, ended.stderr);
  assert.match(
    ended.stdout,
    /^Fold 1\/3: .*\nFold 1\/3: done.*\nFold 2\/3: .*\nResume with: cancernet crossvalidate --resume /,
  );
  assert.match(ended.stderr, /cancernet: stopped\.\n$/);
  const [interrupted] = attemptsAt(2).filter((place) => place !== left);
  assert.equal(jsonOf(join(interrupted!, "run", "run.json")).status, "interrupted");

  await stopped(
    { resume: folder },
    { progress: (progress) => progressTitle(progress) === "Fold 3/3, Evaluating test" },
  );
  assert.equal(jsonOf(join(attemptsAt(3)[0]!, "run", "run.json")).status, "finished");
  await run({ resume: folder });
  assertAsExpected("interrupted");
  await run({ resume: folder, seed: 42, folds: 3, engine: "auto", device: "auto" });
  assertAsExpected("nothing left to do");
});

test("every case is tested once, by a model that did not see it; folds are ordinary datasets and runs", async () => {
  const expected = await openDataset(at("dataset"));
  const tested: string[] = [];
  for (const fold of [1, 2, 3]) {
    const own = await openDataset(at("expected", `fold-${fold}`, "dataset"));
    const cases = new Set(own.rows.flatMap(({ split, caseId }) => (split === "test" ? [caseId] : [])));
    assert.deepEqual([...cases].sort(), report.folds[fold - 1]!.cases);
    tested.push(...cases);
    const evaluation = json("expected", `fold-${fold}`, "run", "evaluation-test", "report.json");
    assert.ok(evaluation.leakage.checked && !evaluation.leakage.found && evaluation.dataset.same_as_in_training);
    own.close();
  }
  assert.deepEqual(tested.sort(), [...new Set(expected.rows.map(({ caseId }) => caseId))].sort());
  expected.close();
  const fold = at("expected", "fold-1", "run");
  assert.equal(
    (await compare(compareOptions.parse({ runs: [fold, fold] }), context)).patches,
    report.folds[0]!.counts.test.patches,
  );
});

test("the numbers are those of predictions.csv: calls from the folds' thresholds, the rest from the probabilities", () => {
  assert.deepEqual(json("expected", "report.json"), JSON.parse(JSON.stringify(report)));
  const columns = ["id", "case", "label", "probability", "predicted", "fold"] as const;
  const rows = fromCsv(readFileSync(at("expected", "predictions.csv"), "utf8"), columns, "predictions.csv");
  assert.equal(new Set(rows.map(({ id }) => id)).size, report.patches);
  const labels = rows.map(({ label }) => Number(label));
  const byProbability = computeMetrics(
    labels,
    rows.map(({ probability }) => Number(probability)),
    0.5,
  );
  const byCall = computeMetrics(
    labels,
    rows.map(({ predicted }) => Number(predicted)),
    0.5,
  );
  for (const name of METRIC_NAMES) {
    const expected = METRICS[name].needs === "threshold" ? byCall : byProbability;
    assert.equal(report.metrics[name].value, expected[name].value, name);
  }
  for (const { fold, threshold, metrics, cases, best_epoch } of report.folds) {
    const own = rows.filter((row) => Number(row.fold) === fold);
    const evaluation = json("expected", `fold-${fold}`, "run", "evaluation-test", "report.json");
    assert.deepEqual([evaluation.threshold, evaluation.model.epoch], [threshold, best_epoch]);
    assert.deepEqual(metrics, evaluation.metrics);
    assert.deepEqual([...new Set(own.map((row) => row.case))].sort(), cases);
    for (const { probability, predicted } of own)
      assert.equal(Number(predicted), Number(Number(probability) >= threshold));
  }
  const aurocs = report.folds.map(({ metrics }) => metrics.auroc.value!);
  const mean = aurocs.reduce((sum, value) => sum + value, 0) / 3;
  assert.ok(Math.abs(report.over_folds.auroc.mean! - mean) < 1e-12);
});

test("calibrate fits to the probabilities of the folds, each without its own calibration", async () => {
  const model = at("expected", "fold-2", "run");
  const given = { model, crossvalidation: at("expected"), out: at("calibrated.onnx") };
  const found = await calibrate(calibrateOptions.parse(given), context);
  const columns = ["label", "probability", "fold"] as const;
  const rows = fromCsv(readFileSync(at("expected", "predictions.csv"), "utf8"), columns, "predictions.csv");
  const labels = rows.map(({ label }) => Number(label));
  const logits = rows.map(({ probability: p, fold }) => {
    return Math.log(Number(p) / (1 - Number(p))) * report.folds[Number(fold) - 1]!.temperature;
  });
  const scaledBy = (temperature: number) => logits.map((logit) => 1 / (1 + Math.exp(-logit / temperature)));
  const lossAt = (temperature: number) => computeMetrics(labels, scaledBy(temperature), 0.5).log_loss.value!;
  const { temperature, threshold } = found;
  assert.ok(lossAt(temperature) < Math.min(lossAt(temperature * 0.98), lossAt(temperature / 0.98)));
  const youdenAt = (cut: number) => {
    const { sensitivity, specificity } = computeMetrics(labels, scaledBy(temperature), cut);
    return sensitivity.value! + specificity.value!;
  };
  const cuts = scaledBy(temperature).map((probability) => probability + 1e-6);
  assert.ok(youdenAt(threshold) >= Math.max(...cuts.map(youdenAt)) - 1e-9);
  const { card } = await readModelFile(await locateModel(given.out));
  assert.deepEqual([card.calibrated_on, card.threshold, card.temperature], ["crossvalidation", threshold, temperature]);
  assert.deepEqual([found.crossvalidation, found.dataset], [at("expected"), null]);
  // On a validation split again, the card says so.
  const again = await calibrate(calibrateOptions.parse({ model, out: at("again.onnx") }), context);
  assert.equal(again.calibrated_on, "validation");
});

test("add-context fits to the folds as to a dataset whose log odds these are", async () => {
  const model = at("expected", "fold-1", "run");
  const given = { model, crossvalidation: at("expected"), reach: 1, out: at("context.onnx") };
  const { neighbourhood, calibration } = await addContext(addContextOptions.parse(given), context);
  const { rows, logits, side } = await readUnseen(at("expected"), context.signal);
  assert.equal(rows.length, report.patches);
  const features = neighbourhoodFeatures(rows, logits, { reach: 1, spacing: side });
  const caseIds = rows.map(({ caseId }) => caseId);
  const steps = neighbourSteps({ features, labels: rows.map(({ label }) => label), caseIds }, 1);
  assert.deepEqual(neighbourhood, { reach: 1, ...(await inTurns(steps, context.signal)) });
  const calibrated = await calibrate(
    calibrateOptions.parse({ model: given.out, crossvalidation: at("expected"), out: at("context-again.onnx") }),
    context,
  );
  assert.ok(Math.abs(calibrated.temperature - calibration.temperature) < 1e-6);
  assert.equal(calibrated.threshold, calibration.threshold);
});

test("calibrate refuses a cross-validation that is not finished or does not fit, and writes nothing", async () => {
  const model = at("expected", "fold-1", "run");
  const out = at("never.onnx");
  const cut = at("cut");
  cpSync(at("expected"), cut, { recursive: true });
  rmSync(join(cut, "fold-3"), { recursive: true });
  const cases: [object, Refusal][] = [
    [{ model, crossvalidation: cut }, refused("units-unfinished", "fold-3")],
    [{ model, crossvalidation: at("dataset") }, refused("crossvalidation-missing")],
    [{ model, crossvalidation: at("expected"), dataset: at("dataset") }, refused("options-conflict", "--dataset")],
    [{ model: "cancernet", crossvalidation: at("expected") }, refused("crossvalidation-mismatch", "compact")],
  ];
  for (const [given, refusal] of cases) {
    await assert.rejects(calibrate(calibrateOptions.parse({ ...given, out }), context), refusal);
    await assert.rejects(addContext(addContextOptions.parse({ ...given, out }), context), refusal);
  }
  assert.ok(!existsSync(out));
});

test("what does not agree, and what is in use, is refused in a sentence that names it", async () => {
  const folder = at("expected");
  const cases: [object, Refusal][] = [
    [
      { resume: folder, folds: 4 },
      refused("run-mismatch", /^--folds is 4, but the cross-validation .* was started with 3/),
    ],
    [{ resume: folder, seed: 7 }, refused("run-mismatch", /^--seed is 7, but .* 42/)],
    [{ resume: folder, epochs: 3 }, refused("run-mismatch", /^--epochs is 3, but .* 2: leave it out/)],
    [{ resume: folder, threshold: "0.5" }, refused("run-mismatch", /^--threshold is 0\.5, but .* youden/)],
    [{ resume: folder, out: at("elsewhere") }, refused("options-conflict", "--out")],
    [{ resume: at("dataset") }, refused("crossvalidation-missing")],
    [{ dataset: at("dataset"), out: folder }, refused("output-exists")],
    [{ dataset: at("dataset"), out: at("new"), folds: 9 }, refused("folds-too-many", "--folds 8")],
  ];
  for (const [given, refusal] of cases) await assert.rejects(run(given), refusal);
  await prepare(prepareOptions.parse({ source: at("patches"), out: at("other"), seed: 1 }), context);
  await assert.rejects(run({ resume: folder, dataset: at("other") }), refused("dataset-mismatch", "other"));
  await withRunLock(join(folder, ".units"), "crossvalidation.lock", () =>
    assert.rejects(run({ resume: folder }), refused("folder-busy")),
  );
  assert.deepEqual(
    readdirSync(at()).filter((name) => name === "new" || name === "elsewhere"),
    [],
  );
});

test("settings that are gone do not hinder a cross-validation if they did nothing, and are named if they did", async () => {
  const folder = at("earlier");
  cpSync(at("expected"), folder, { recursive: true });
  const description = json("earlier", "crossvalidation.json");
  const write = (settings: object) => {
    const options = { ...description.options, ...settings };
    writeFileSync(at("earlier", "crossvalidation.json"), JSON.stringify({ ...description, options }));
  };
  write({ sampling: "patches", labelSmoothing: 0, averaging: 0 });
  assert.deepEqual(await run({ resume: folder }), report);
  write({ sampling: "cases", labelSmoothing: 0, averaging: 0 });
  await assert.rejects(
    run({ resume: folder }),
    refused(
      "setting-removed",
      /^Cannot go on: the cross-validation .* was started with sampling cases, .* or start again with --out\.$/,
    ),
  );
});
