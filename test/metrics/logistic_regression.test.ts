/** Logistic regression and standardization: scikit-learn's weights, and the conditions that a least loss fulfils. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { fitLogisticRegression, type LogisticModel } from "../../src/metrics/logistic_regression.ts";
import { standardizationOf, standardize } from "../../src/metrics/standardization.ts";
import { assertNear, hashedValues, readGolden } from "../golden/reference.ts";

interface Case extends LogisticModel {
  readonly ridge: number;
}

interface Reference {
  readonly features: number[];
  readonly labels: number[];
  readonly width: number;
  readonly cases: readonly Case[];
  readonly weighted: Case & { readonly row_weights: number[] };
  readonly many: {
    readonly rows: number;
    readonly width: number;
    readonly labels: number[];
    readonly means: number[];
    readonly scales: number[];
    readonly cases: readonly Case[];
  };
}

const { features: rows, labels, width, cases, weighted, many } = readGolden<Reference>("logistic_regression");
const features = Float64Array.from(rows);

function assertSame(found: LogisticModel, expected: LogisticModel, tolerance: number): void {
  assert.equal(found.weights.length, expected.weights.length);
  for (const [i, weight] of expected.weights.entries()) assertNear(found.weights[i]!, weight, tolerance, `weight ${i}`);
  assertNear(found.bias, expected.bias, tolerance, "the bias");
}

for (const { ridge, ...expected } of cases) {
  test(`ridge ${ridge}: scikit-learn's weights`, () => {
    assertSame(fitLogisticRegression(features, labels, { width, ridge }), expected, 1e-8);
  });
}

test("rows that count differently: scikit-learn's weights", () => {
  const { row_weights: rowWeights, ridge, ...expected } = weighted;
  assertSame(fitLogisticRegression(features, labels, { width, ridge, rowWeights }), expected, 1e-8);
});

test("a row that counts three times is three rows, and one that counts 0 is none", () => {
  const rowWeights = labels.map((_, row) => [1, 3, 0][row % 3]!);
  const repeated = rowWeights.flatMap((count, row) => Array.from({ length: count }, () => row));
  const rowOf = (row: number) => [...features.subarray(row * width, (row + 1) * width)];
  const listed = fitLogisticRegression(
    Float64Array.from(repeated.flatMap(rowOf)),
    repeated.map((row) => labels[row]!),
    { width, ridge: 1 },
  );
  assertSame(fitLogisticRegression(features, labels, { width, ridge: 1, rowWeights }), listed, 1e-8);
});

/** The features of golden/logistic_regression.py: column j is (j + 1) * (own + the one before) + j. */
function manyFeatures(): Float64Array {
  const own = hashedValues(7010, many.rows * many.width).map((value) => Math.round(value * 256) * (2 / 128));
  return own.map((value, place) => {
    const [start, column] = [place - (place % many.width), place % many.width];
    const before = own[start + ((column + many.width - 1) % many.width)]!;
    return (column + 1) * (value + before) + column;
  });
}

function standardized(raw: Float64Array): Float64Array {
  const result = raw.slice();
  standardize(result, standardizationOf(result, many.width));
  return result;
}

test("standardization: scikit-learn's means and scales, and features of mean 0 and deviation 1", () => {
  const { means, scales } = standardizationOf(manyFeatures(), many.width);
  for (const [i, mean] of many.means.entries()) assertNear(means[i]!, mean, 1e-9, `mean ${i}`);
  for (const [i, scale] of many.scales.entries()) assertNear(scales[i]!, scale, 1e-9, `scale ${i}`);
  const after = standardizationOf(standardized(manyFeatures()), many.width);
  for (const mean of after.means) assertNear(mean, 0, 1e-12, "mean");
  for (const scale of after.scales) assertNear(scale, 1, 1e-12, "scale");
});

test("a feature that is the same everywhere becomes 0, not noise", () => {
  const constant = Float32Array.from({ length: 30 }, (_, i) => (i % 2 === 0 ? 0.1 : i));
  standardize(constant, standardizationOf(constant, 2));
  for (let i = 0; i < 30; i += 2) assertNear(constant[i]!, 0, 1e-7, `row ${i / 2}`);
});

for (const { ridge, ...expected } of many.cases) {
  test(`60 standardized features, ridge ${ridge}: scikit-learn's weights`, () => {
    const own = standardized(manyFeatures());
    assertSame(fitLogisticRegression(own, many.labels, { width: many.width, ridge }), expected, 1e-7);
  });
}

const own = standardized(manyFeatures());
const fit = (ridge: number, more: object = {}) =>
  fitLogisticRegression(own, many.labels, { width: many.width, ridge, ...more });

test("the gradient is zero at the solution, to the tolerance that was asked for", () => {
  const gradientAt = ({ weights, bias }: LogisticModel, ridge: number): number => {
    const sums = [...weights.map((weight) => ridge * weight), 0];
    for (const [row, label] of many.labels.entries()) {
      const own_ = own.subarray(row * many.width, (row + 1) * many.width);
      const score = own_.reduce((sum, value, i) => sum + value * weights[i]!, bias);
      const slope = 1 / (1 + Math.exp(-score)) - label;
      for (const [i, value] of own_.entries()) sums[i]! += slope * value;
      sums[many.width]! += slope;
    }
    return Math.hypot(...sums);
  };
  const zero = { weights: Array(many.width).fill(0), bias: 0 };
  for (const ridge of [0.1, 3, 1000]) {
    for (const tolerance of [1e-4, 1e-8, 1e-12]) {
      const share = gradientAt(fit(ridge, { tolerance }), ridge) / gradientAt(zero, ridge);
      assert.ok(share <= 1.001 * tolerance + 1e-14, `ridge ${ridge}: ${share} for ${tolerance}`);
    }
  }
});

test("twice the rows with twice the ridge have the same solution: only C = 1 / ridge per row counts", () => {
  const twice = Float64Array.of(...own, ...own);
  const labelsTwice = [...many.labels, ...many.labels];
  for (const ridge of [1, 25]) {
    const found = fitLogisticRegression(twice, labelsTwice, { width: many.width, ridge: 2 * ridge });
    assertSame(found, fit(ridge), 1e-8);
  }
});

test("a larger ridge gives smaller weights", () => {
  const norms = [0.1, 1, 10, 100, 1000].map((ridge) => Math.hypot(...fit(ridge).weights));
  for (const [i, norm] of norms.slice(1).entries()) assert.ok(norm < norms[i]!, `${norm} after ${norms[i]}`);
});

test("other units of the features change nothing once they are standardized", () => {
  const units = manyFeatures().map(
    (value, place) => (place % 3 === 0 ? -1 : 1) * value * 10 ** ((place % many.width) % 7) + 5,
  );
  const flipped = standardized(units);
  const sign = (place: number) => (place % 3 === 0 ? -1 : 1);
  const { weights, bias } = fitLogisticRegression(flipped, many.labels, { width: many.width, ridge: 2 });
  const expected = fit(2);
  assertSame({ weights: weights.map((weight, i) => sign(i) * weight), bias }, expected, 1e-7);
});

test("where it starts changes nothing", () => {
  assertSame(fit(1, { start: fit(100) }), fit(1), 1e-8);
});

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
