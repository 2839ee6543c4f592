/** The texts for people: what scikit-learn has no answer for, and the matrix. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { classificationReport, confusionTable } from "../../src/metrics/report.ts";

test("the report of no patches shows support 0", () => {
  const report = classificationReport({ tn: 0, fp: 0, fn: 0, tp: 0 }, ["no IDC", "IDC"]);
  assert.equal(
    report,
    [
      "              precision    recall  f1-score   support",
      "",
      "      no IDC       0.00      0.00      0.00         0",
      "         IDC       0.00      0.00      0.00         0",
      "",
      "    accuracy                           0.00         0",
      "   macro avg       0.00      0.00      0.00         0",
      "weighted avg       0.00      0.00      0.00         0",
      "",
    ].join("\n"),
  );
});

test("ties of the third decimal go to the even digit, as Python prints them", () => {
  // Recall of IDC is 1/8 and 5/8, of no IDC 3/8 and 7/8.
  const recalls = (tn: number, tp: number) =>
    classificationReport({ tn, fp: 8 - tn, fn: 8 - tp, tp }, ["0", "1"])
      .split("\n")
      .slice(2, 4)
      .map((line) => line.trim().split(/ +/)[2]);
  assert.deepEqual(recalls(3, 1), ["0.38", "0.12"]);
  assert.deepEqual(recalls(7, 5), ["0.88", "0.62"]);
});

test("the matrix names rows and columns", () => {
  assert.equal(
    confusionTable({ tn: 33847, fp: 5961, fn: 2402, tp: 13295 }, ["no IDC", "IDC"]),
    [
      "             predicted no IDC  predicted IDC",
      "-----------  ----------------  -------------",
      "true no IDC            33,847          5,961",
      "true IDC                2,402         13,295",
      "",
    ].join("\n"),
  );
});
