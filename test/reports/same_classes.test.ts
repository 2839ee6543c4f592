/** Models, datasets and runs whose classes have other names are not brought together; imported models get the names that are given. */

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Evaluation } from "../../src/artifacts/evaluation.ts";
import { IMPORTED, UNCALIBRATED } from "../../src/artifacts/model_card.ts";
import { cardOf } from "../../src/artifacts/model_file.ts";
import type { ClassNames } from "../../src/histology/dataset/class_names.ts";
import type { Dataset } from "../../src/histology/dataset/dataset.ts";
import { METRIC_NAMES } from "../../src/metrics/table.ts";
import { importOptions } from "../../src/options/import.ts";
import { requireSamePatches } from "../../src/reports/comparison/numbers.ts";
import type { Comparison } from "../../src/reports/comparison/report.ts";
import { comparisonLines } from "../../src/reports/comparison/text.ts";
import { requireSameClasses } from "../../src/reports/same_classes.ts";
import { importWeights } from "../../src/workflows/import.ts";
import { context } from "../support/cohort.ts";
import { refused } from "../support/refused.ts";
import { CARD, datasetOf, PATCHES } from "./small_dataset.ts";

const PUBLISHED: ClassNames = ["no IDC", "IDC"];
const OTHER: ClassNames = ["benign", "malignant"];

test("a model and a dataset of other classes are not brought together", () => {
  const datasetWith = (classNames: ClassNames): Dataset => ({ ...datasetOf(PATCHES), classNames });
  const card = cardOf("cancernet", { ...IMPORTED, ...UNCALIBRATED, recipe: "default", views: 1, class_names: OTHER });
  requireSameClasses(card, datasetWith(OTHER));
  requireSameClasses(CARD, datasetWith(PUBLISHED));
  assert.throws(
    () => requireSameClasses(CARD, datasetWith(OTHER)),
    refused(
      "classes-mismatch",
      'The classes of the model are "no IDC" and "IDC", but those of the <dataset> are "benign" and "malignant" (the second is the ' +
        "positive one): give a model of these classes, or a dataset of the model's.",
    ),
  );
  assert.throws(
    () => requireSameClasses(card, datasetWith(["malignant", "benign"])),
    refused("classes-mismatch", /^The classes of the model/),
  );
  const imported = cardOf("cancernet", { ...IMPORTED, ...UNCALIBRATED, views: 1 });
  assert.throws(
    () => requireSameClasses(imported, datasetWith(OTHER)),
    refused(
      "classes-mismatch",
      /: import it again with --negative "benign" --positive "malignant" if these are its two outputs\.$/,
    ),
  );
});

test("runs of other classes are not compared, and a comparison says the class", () => {
  const evaluationOf = (name: string, class_names: [string, string]): Evaluation => {
    const model = {
      name,
      architecture: "compact",
      class_names,
      recipe: "default",
      epoch: 1,
      seed: 1,
      dataset_sha256: "",
    };
    const dataset = { folder: "", sha256: "", same_as_in_training: true };
    const confusion = { tn: 0, fp: 0, fn: 0, tp: 0 };
    const report = { split: "test" as const, threshold: 0.5, confusion, model, dataset };
    return { name, report: { ...report, leakage: { checked: true, found: false } }, answers: new Map() };
  };
  const one = evaluationOf("one", ["benign", "malignant"]);
  requireSamePatches(one, evaluationOf("two", ["benign", "malignant"]));
  assert.throws(
    () => requireSamePatches(one, evaluationOf("two", ["no IDC", "IDC"])),
    refused(
      "classes-mismatch",
      /^The classes of one are "benign" and "malignant", but those of two are "no IDC" and "IDC" .*: compare runs of/,
    ),
  );
  const nothing = { value: null, low: null, high: null };
  const metrics = Object.fromEntries(METRIC_NAMES.map((name) => [name, nothing])) as never;
  const { class_names: _, ...model } = one.report.model;
  const comparison: Comparison = {
    ...{ split: "test", patches: 0, cases: 0, intervals: { level: 0.95, unit: "patches" }, case_sizes: null },
    ...{ runs: [{ run: "one", model, threshold: 0.5, metrics }], differences: [], notice: "" },
  };
  assert.match(comparisonLines(comparison).join("\n"), /IDC from[\s\S]*F1 \(IDC class\)/);
  const lines = comparisonLines({ ...comparison, classes: OTHER }).join("\n");
  assert.match(lines, /malignant from[\s\S]*F1 \(malignant class\)/);
  assert.doesNotMatch(lines, /IDC/);
});

test("import takes two names of classes or none", async () => {
  const given = { weights: "nowhere.h5", out: "nowhere.onnx" };
  for (const name of ["a,b", " a", "", "\u001b", "x".repeat(41)]) {
    assert.equal(importOptions.safeParse({ ...given, negative: "benign", positive: name }).success, false, name);
  }
  const both = refused("options-conflict", "--negative and --positive name the two classes: give both, or neither.");
  await assert.rejects(importWeights({ ...given, positive: "malignant" }, context), both);
  await assert.rejects(importWeights({ ...given, negative: "benign" }, context), both);
  await assert.rejects(
    importWeights({ ...given, negative: "benign", positive: "benign" }, context),
    refused("options-conflict", '--negative and --positive are both "benign": give two names.'),
  );
});
