/** The fit of the weights of neighbours: its conditions of optimality, and what cases and lone patches count. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { featureCount, featuresAlone, neighbourhoodFeatures } from "../../src/histology/neighbourhood.ts";
import { fitLogisticRegression } from "../../src/metrics/logistic_regression.ts";
import { neighbourSteps } from "../../src/scoring/fit_neighbours.ts";
import { RandomStream } from "../../src/system/random.ts";
import { atOnce } from "../../src/util/turns.ts";

const REACH = 2;
const WIDTH = featureCount(REACH);
const random = new RandomStream(4, "fit");
/** A complete case of 12 x 12 patches, and twenty cases of few patches; patches on the left have the class. */
const places = [
  ...Array.from({ length: 144 }, (_, cell) => ({
    caseId: "whole",
    x: 50 * (cell % 12),
    y: 50 * Math.floor(cell / 12),
  })),
  ...Array.from({ length: 100 }, (_, index) => ({
    caseId: `sample-${index % 20}`,
    x: 50 * random.integer(12),
    y: 50 * random.integer(12),
  })),
];
const labels: number[] = places.map(({ x }) => (x + 100 * random.normal() < 250 ? 1 : 0));
const logits = labels.map((label) => 2 * label - 1 + 2 * random.normal());
const features = neighbourhoodFeatures(places, logits, { reach: REACH, spacing: 50 });
const caseIds = places.map(({ caseId }) => caseId);
const fitted = atOnce(neighbourSteps({ features, labels, caseIds }, REACH));

const score = (columns: ArrayLike<number>) =>
  fitted.weights.reduce((sum, weight, column) => sum + weight * columns[column]!, fitted.bias);
const probability = (columns: ArrayLike<number>) => 1 / (1 + Math.exp(-score(columns)));
const rowOf = (patch: number) => features.subarray(patch * WIDTH, (patch + 1) * WIDTH);

test("the weighted mean over patches, with neighbours and without, is the share of the class: the bias has no penalty", () => {
  const countOf = (caseId: string) => caseIds.filter((one) => one === caseId).length;
  let [difference, total] = [0, 0];
  for (const [patch, label] of labels.entries()) {
    const weight = 1 / Math.sqrt(countOf(caseIds[patch]!));
    difference += weight * (probability(rowOf(patch)) + probability(featuresAlone(logits[patch]!, REACH)) - 2 * label);
    total += 2 * weight;
  }
  assert.ok(Math.abs(difference / total) < 1e-9, `${difference / total}`);
});

test("neighbours make the answers better, and a lone patch has nearly the answer of a fit to lone patches", () => {
  const lossOf = (columnsOf: (patch: number) => ArrayLike<number>) =>
    labels.reduce((sum, label, patch) => {
      const own = probability(columnsOf(patch));
      return sum - Math.log(label === 1 ? own : 1 - own);
    }, 0) / labels.length;
  const around = lossOf(rowOf);
  const alone = lossOf((patch) => featuresAlone(logits[patch]!, REACH));
  const { weights, bias } = fitLogisticRegression(Float64Array.from(logits), labels, { width: 1, ridge: 0 });
  const best =
    labels.reduce((sum, label, patch) => {
      const logOdds = weights[0]! * logits[patch]! + bias;
      return sum + Math.log1p(Math.exp(label === 1 ? -logOdds : logOdds));
    }, 0) / labels.length;
  assert.ok(around < 0.9 * alone, `${around} and ${alone}`);
  assert.ok(alone < 1.05 * best, `${alone} and ${best}`);
});
