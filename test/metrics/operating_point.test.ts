/** Thresholds by rule against scikit-learn's ROC curve and against every possible cut. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import {
  chooseThreshold,
  operatingTable,
  parseThresholdRule,
  type ThresholdRule,
  thresholdRuleText,
} from "../../src/metrics/operating_point.ts";
import { sensitivity, specificity } from "../../src/metrics/rates.ts";
import { computeMetrics } from "../../src/metrics/table.ts";
import { confusionAt, tallyOf } from "../../src/metrics/tally.ts";
import { readGolden } from "../golden/reference.ts";
import { refused } from "../support/refused.ts";
import { assertClose, RUNS, type Sample, samplesOfBothClasses } from "./sample.ts";

interface Golden {
  cases: { name: string; labels: number[]; probabilities: number[]; points: Record<string, number | null> }[];
}

/** The distinct scores, falling. */
const scoresOf = (probabilities: readonly number[]) => [...new Set(probabilities)].sort((a, b) => b - a);

for (const { name, labels, probabilities, points } of readGolden<Golden>("calibration").cases) {
  describe(`scikit-learn: ${name}`, () => {
    const scores = scoresOf(probabilities);
    for (const [text, lowest] of Object.entries(points)) {
      test(text, () => {
        const choose = () => chooseThreshold(labels, probabilities, parseThresholdRule(text));
        if (lowest === null && scores[0] === 1) return assert.throws(choose, refused("threshold-unreachable"));
        const place = lowest === null ? -1 : scores.indexOf(lowest);
        assertClose(choose(), ((scores[place] ?? 1) + (scores[place + 1] ?? 0)) / 2, text);
      });
    }
  });
}

const RULES = ["youden", "sensitivity=0.9", "sensitivity=1", "specificity=0.8", "cost=5", "cost=0.5"];

/** Every way to cut: above all scores (where a threshold up to 1 can), and under each. */
function cutsOf({ labels, probabilities }: Sample) {
  const scores = scoresOf(probabilities).filter((score) => score < 1);
  const thresholds = [...(probabilities.includes(1) ? [1] : [1.01]), ...scores];
  return thresholds.map((threshold) => confusionAt(labels, probabilities, threshold));
}

describe("no other cut is better, and the rule is met exactly", () => {
  for (const text of RULES) {
    test(text, () => {
      const rule = parseThresholdRule(text);
      const worth = worthOf(rule);
      fc.assert(
        fc.property(samplesOfBothClasses, (sample) => {
          const best = Math.max(...cutsOf(sample).map(worth));
          if (best === Number.NEGATIVE_INFINITY) return;
          const threshold = chooseThreshold(sample.labels, sample.probabilities, rule);
          assert.ok(threshold >= 0 && threshold <= 1);
          assertClose(worth(confusionAt(sample.labels, sample.probabilities, threshold)), best, text);
          // A threshold of 0 is the lowest score itself; every other keeps its distance from all scores.
          const nearest = Math.min(...sample.probabilities.map((p) => Math.abs(p - threshold)));
          assert.ok(threshold === 0 || nearest >= 1 / 128, `${threshold}`);
        }),
        RUNS,
      );
    });
  }
});

function worthOf(rule: ThresholdRule) {
  return (confusion: { tn: number; fp: number; fn: number; tp: number }): number => {
    const [found, cleared] = [sensitivity(confusion)!, specificity(confusion)!];
    if (rule.kind === "youden") return found + cleared - 1;
    if (rule.kind === "sensitivity") return found >= rule.value ? cleared : Number.NEGATIVE_INFINITY;
    if (rule.kind === "specificity") return cleared >= rule.value ? found : Number.NEGATIVE_INFINITY;
    return -(rule.value * confusion.fn + confusion.fp);
  };
}

test("of equally good thresholds the highest is taken", () => {
  // Youden's index is 1/2 under .8 and under .4.
  assert.equal(chooseThreshold([1, 0, 1, 0], [0.8, 0.6, 0.4, 0.2], { kind: "youden" }), (0.8 + 0.6) / 2);
});

test("scores next to each other in float64: the threshold is the upper one", () => {
  const [lower, upper] = [0.5, 0.5 + 2 ** -53];
  assert.equal(chooseThreshold([0, 1], [lower, upper], { kind: "youden" }), upper);
});

test("rules survive being written and read", () => {
  for (const text of ["youden", "sensitivity=0.95", "specificity=1", "cost=5", "0.5", "0", "1"]) {
    assert.equal(thresholdRuleText(parseThresholdRule(text)), text);
  }
  assert.deepEqual(parseThresholdRule(".5"), { kind: "fixed", value: 0.5 });
  assert.equal(chooseThreshold([], [], { kind: "fixed", value: 0.3 }), 0.3);
});

test("what is no rule is refused", () => {
  const wrong = [
    "",
    "Youden",
    "youden=1",
    "sensitivity",
    "sensitivity=0",
    "sensitivity=1.1",
    "specificity=-1",
    "cost=0",
  ];
  const more = ["cost=", "cost=1=2", "cost=1e999", "1.5", "-0.5", "NaN", "0x1", ".", " 0.5", "auroc=0.9"];
  for (const text of [...wrong, ...more])
    assert.throws(() => parseThresholdRule(text), refused("option-invalid", text), text);
});

test("one class alone gives no threshold", () => {
  assert.throws(
    () => chooseThreshold([0, 0], [0.1, 0.9], { kind: "youden" }),
    refused(
      "class-missing",
      /^A threshold by the rule youden needs patches of both classes, but 0 with IDC and 2 without/,
    ),
  );
});

test("the operating table: each rule is met on the patches, the chosen threshold comes first", () => {
  fc.assert(
    fc.property(samplesOfBothClasses, ({ labels, probabilities, threshold }) => {
      const rows = operatingTable(tallyOf(labels, probabilities), threshold);
      assert.deepEqual([rows[0]!.point, rows[0]!.threshold, rows[1]!.point], ["chosen", threshold, "0.5"]);
      for (const row of rows) {
        const metrics = computeMetrics(labels, probabilities, row.threshold);
        for (const name of ["sensitivity", "specificity", "ppv", "npv"] as const) {
          assert.equal(row[name], metrics[name].value);
        }
        const called = probabilities.filter((p) => p >= row.threshold).length;
        assertClose(row.share_called, called / labels.length, "share");
        const [name, least] = row.point.split("=");
        if (name === "sensitivity" || name === "specificity") assert.ok(row[name]! >= Number(least));
      }
    }),
    RUNS,
  );
  assert.deepEqual(
    operatingTable(tallyOf([0], [0.2]), 0.4).map(({ point }) => point),
    ["chosen", "0.5"],
  );
});
