/** Logistic regression: scikit-learn's weights, and the conditions that a least loss fulfils. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { fitLogisticRegression } from "../../src/metrics/logistic_regression.ts";
import { readGolden } from "../golden/reference.ts";

interface Reference {
  readonly features: number[];
  readonly labels: number[];
  readonly width: number;
  readonly cases: { readonly ridge: number; readonly weights: number[]; readonly bias: number }[];
}

const { features: rows, labels, width, cases } = readGolden<Reference>("logistic_regression");
const features = Float64Array.from(rows);

for (const { ridge, weights, bias } of cases) {
  test(`ridge ${ridge}: scikit-learn's weights`, () => {
    const found = fitLogisticRegression(features, labels, { width, ridge });
    weights.forEach((weight, index) => {
      assert.ok(Math.abs(found.weights[index]! - weight) < 1e-8, `${found.weights[index]} for ${weight}`);
    });
    assert.ok(Math.abs(found.bias - bias) < 1e-8);
  });
}

test("at the least loss the mean probability is the share of the labels, as the bias is not shrunk", () => {
  const { weights, bias } = fitLogisticRegression(features, labels, { width, ridge: 5 });
  const sum = labels.reduce((total, _, row) => {
    const score = weights.reduce((one, weight, column) => one + weight * features[row * width + column]!, bias);
    return total + 1 / (1 + Math.exp(-score));
  }, 0);
  assert.ok(Math.abs(sum - labels.reduce((total, label) => total + label, 0)) < 1e-6);
});

test("classes that a feature parts have no least loss without a ridge, and one with it", () => {
  const parted = Float64Array.of(-2, -1, 1, 2);
  assert.throws(() => fitLogisticRegression(parted, [0, 0, 1, 1], { width: 1, ridge: 0 }), /does not converge/);
  assert.ok(fitLogisticRegression(parted, [0, 0, 1, 1], { width: 1, ridge: 1 }).weights[0]! > 0);
});
