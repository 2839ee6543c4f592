/** Intervals for other cases: what they do not depend on, when there are none, and how wide they are. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { macroWithIntervals, metricsByCase } from "../../src/metrics/by_case.ts";
import { caseSizesOf } from "../../src/metrics/clusters.ts";
import { type MetricEstimate, metricsWithIntervals, type Sample } from "../../src/metrics/intervals.ts";
import { pairedDifferences } from "../../src/metrics/paired.ts";
import { METRIC_NAMES, METRICS } from "../../src/metrics/table.ts";
import { RandomStream } from "../../src/system/random.ts";
import { type Refusal, refused } from "../support/refused.ts";
import { clusteredSample, picked } from "./clustered.ts";

const RUNS = { seed: 20190218, numRuns: 25 };

/** 0 to 60 patches of up to six cases, "" among them, with many ties. */
const samples: fc.Arbitrary<Sample> = fc
  .array(
    fc.tuple(fc.constantFrom(0, 1), fc.integer({ min: 0, max: 16 }), fc.constantFrom("", "8", "9", "10", "a", "B")),
    {
      maxLength: 60,
    },
  )
  .map((patches) => ({
    labels: patches.map(([label]) => label),
    probabilities: patches.map(([, score]) => score / 16),
    cases: patches.map(([, , name]) => name),
  }));

test("the order of the patches plays no part, to the last bit", () => {
  fc.assert(
    fc.property(samples, (sample) => {
      const order = new RandomStream(5, "order").shuffle(sample.labels.length ? [...sample.cases.keys()] : []);
      const [shuffled, second] = [picked(sample, order), { probabilities: sample.probabilities, threshold: 0.3 }];
      assert.deepEqual(metricsWithIntervals(shuffled, 0.5), metricsWithIntervals(sample, 0.5));
      assert.deepEqual(macroWithIntervals(shuffled, 0.5), macroWithIntervals(sample, 0.5));
      const shuffledSecond = { ...second, probabilities: shuffled.probabilities };
      assert.deepEqual(
        pairedDifferences(shuffled, [{ ...shuffledSecond, threshold: 0.5 }, shuffledSecond]),
        pairedDifferences(sample, [{ ...second, threshold: 0.5 }, second]),
      );
    }),
    RUNS,
  );
});

test("nor does it where patches of several cases have the same label and probability", () => {
  const stream = new RandomStream(11, "ties");
  for (let time = 0; time < 20; time++) {
    const places = Array.from({ length: 200 }, (_, place) => place);
    const sample = {
      labels: places.map(() => stream.integer(2)),
      probabilities: places.map(() => stream.integer(9) / 8),
      cases: places.map(() => ["", "a", "b", "c", "d", "e"][stream.integer(6)]!),
    };
    const shuffled = picked(sample, stream.shuffle(places));
    assert.deepEqual(metricsWithIntervals(shuffled, 0.5), metricsWithIntervals(sample, 0.5));
  }
});

test("every patch twice within its case changes no value, and hardly widens an interval: chance within cases only shrinks", () => {
  const sample = clusteredSample({ seed: 9, cases: 20, patchesPerCase: 15 });
  const doubled = picked(sample, [...sample.cases.keys(), ...sample.cases.keys()]);
  const [once, twice] = [metricsWithIntervals(sample, 0.4), metricsWithIntervals(doubled, 0.4)];
  for (const name of METRIC_NAMES) {
    assert.ok(Math.abs(twice[name].value! - once[name].value!) < 1e-12, name);
    const ratio = widthOf(twice[name]) / widthOf(once[name]);
    assert.ok(ratio < 1.05 && ratio > 0.7, `${name}: ${ratio} times as wide`);
  }
});

test("a patch without a case counts as a case", () => {
  const sample = clusteredSample({ seed: 1, cases: 6, patchesPerCase: 5 });
  const sorted = [...sample.labels.keys()].sort(
    (a, b) => sample.labels[a]! - sample.labels[b]! || sample.probabilities[a]! - sample.probabilities[b]!,
  );
  const ownCase = sorted.map((_, place) => `patch ${String(place).padStart(2, "0")}`);
  const alone = { ...sample, cases: sample.cases.map(() => "") };
  const byName = { ...picked(sample, sorted), cases: ownCase };
  assert.deepEqual(metricsWithIntervals(alone, 0.5), metricsWithIntervals(byName, 0.5));
  assert.deepEqual(metricsByCase(alone, 0.5), []);
});

test("the interval holds the value and stays in the metric's range, also with few cases and values near its ends", () => {
  fc.assert(
    fc.property(samples, (sample) => {
      for (const all of [metricsWithIntervals(sample, 0.5), macroWithIntervals(sample, 0.5)]) {
        for (const name of METRIC_NAMES) {
          const { value, low, high } = all[name];
          if (low === null || high === null || value === null) continue;
          const [lowest, highest] = METRICS[name].range;
          assert.ok(low >= lowest && high <= highest, `${name}: ${low} to ${high}`);
          assert.ok(low <= value + 1e-12 && value <= high + 1e-12, `${name}: ${low} < ${value} < ${high}`);
        }
      }
    }),
    { ...RUNS, numRuns: 60 },
  );
});

test("an interval for every metric of cases like these", () => {
  const found = metricsWithIntervals(clusteredSample({ seed: 2, cases: 40, patchesPerCase: 20 }), 0.5);
  for (const name of METRIC_NAMES) assert.ok(found[name].low! < found[name].value!, name);
});

describe("with equal cases of one patch each the interval is the known one", () => {
  test("of a proportion: the angle +- t / (2 sqrt(n - 1))", () => {
    const labels = Array.from({ length: 50 }, () => 1);
    const sample = { labels, probabilities: labels.map((_, i) => (i < 40 ? 0.9 : 0.1)), cases: labels.map(String) };
    const { value, low, high } = metricsWithIntervals(
      { ...sample, cases: labels.map((_, i) => `case ${i}`) },
      0.5,
    ).sensitivity;
    assert.equal(value, 0.8);
    const [angle, reach] = [Math.asin(Math.sqrt(0.8)), 2.0095752371292397 / (2 * Math.sqrt(49))];
    assert.ok(Math.abs(low! - Math.sin(angle - reach) ** 2) < 1e-9, `${low}`);
    assert.ok(Math.abs(high! - Math.sin(angle + reach) ** 2) < 1e-9, `${high}`);
  });
});

describe("there is no interval", () => {
  test("of one case, nor of no patches; the value stays", () => {
    const sample = clusteredSample({ seed: 2, cases: 1, patchesPerCase: 40 });
    const empty = { labels: [], probabilities: [], cases: [] };
    for (const one of [metricsWithIntervals(sample, 0.5), macroWithIntervals(sample, 0.5)]) {
      for (const name of METRIC_NAMES) assert.deepEqual([one[name].low, one[name].high], [null, null]);
      assert.ok(one.accuracy.value! > 0.5);
    }
    const nothing = { value: null, low: null, high: null };
    assert.deepEqual(metricsWithIntervals(empty, 0.5).auroc, nothing);
    assert.deepEqual(macroWithIntervals(empty, 0.5).auroc, { ...nothing, cases: 0 });
    const same = { probabilities: [], threshold: 0.5 };
    assert.deepEqual(pairedDifferences(empty, [same, same]).auroc, nothing);
  });

  test("if one case holds all IDC, of what is a mean over IDC patches; the others keep theirs", () => {
    const sample = {
      labels: [1, 0, 0, 0, 0],
      probabilities: [0.9, 0.2, 0.3, 0.95, 0.1],
      cases: ["a", "a", "b", "c", "c"],
    };
    const found = metricsWithIntervals(sample, 0.5);
    for (const name of ["auroc", "sensitivity", "balanced_accuracy"] as const)
      assert.equal(found[name].low, null, name);
    for (const name of ["specificity", "accuracy", "brier"] as const) assert.ok(found[name].low !== null, name);
  });

  test("if all cases give the same and the value is no end of the range", () => {
    const cases = ["a", "b", "c"].flatMap((name) => [name, name, name, name]);
    const labels = cases.map((_, i) => Number(i % 2 === 0));
    const probabilities = cases.map((_, i) => [0.9, 0.1, 0.2, 0.1][i % 4]!);
    const { sensitivity, specificity } = metricsWithIntervals({ labels, probabilities, cases }, 0.5);
    assert.equal(sensitivity.value, 0.5);
    assert.ok(sensitivity.low! < 0.5, "patches of a case differ");
    assert.deepEqual([specificity.value, specificity.high], [1, 1]);
    assert.ok(Math.abs(specificity.low! - 0.025 ** (1 / 3)) < 1e-12);
    const constant = { labels, probabilities: labels.map(() => 0.25), cases };
    assert.deepEqual(metricsWithIntervals(constant, 0.5).auroc, { value: 0.5, low: null, high: null });
  });
});

test("of a perfect metric the interval ends at what k of k equal cases allow, k being the effective number", () => {
  const sizes = [30, 10, 10, 5, 5];
  const cases = sizes.flatMap((size, i) => new Array<string>(size).fill(String(i)));
  const labels = cases.map((_, i) => i % 2);
  const found = metricsWithIntervals({ labels, probabilities: labels.map((label) => 0.2 + 0.6 * label), cases }, 0.5);
  const effective = 60 ** 2 / (30 ** 2 + 2 * 10 ** 2 + 2 * 5 ** 2);
  assert.ok(Math.abs(found.accuracy.low! - 0.025 ** (1 / effective)) < 1e-12);
  for (const name of ["auroc", "auprc", "sensitivity", "mcc", "f1"] as const) {
    assert.equal(found[name].value, 1, name);
    assert.ok(found[name].low! < 0.7 && found[name].high === 1, name);
  }
});

test("how unequal cases are: the effective number, and the share of the three largest", () => {
  const named = (sizes: readonly number[]) => sizes.flatMap((size, i) => new Array<string>(size).fill(`case ${i}`));
  assert.deepEqual(caseSizesOf(named([10, 10, 10, 10])), { effective: 4, largest: 3, largest_share: 0.75 });
  assert.deepEqual(caseSizesOf(named([6, 3, 1])), { effective: 100 / 46, largest: 3, largest_share: 1 });
  assert.deepEqual(caseSizesOf([...named([5]), "", ""]), { effective: 1, largest: 1, largest_share: 1 });
  assert.equal(caseSizesOf(["", ""]), null);
});

test("the more patches a few cases hold, the wider the interval", () => {
  const sample = clusteredSample({ seed: 12, cases: 40, patchesPerCase: 60 });
  const kept = [...sample.cases.keys()].filter((patch) => Number(sample.cases[patch]) < 8003 || patch % 20 === 0);
  const [equal, unequal] = [metricsWithIntervals(sample, 0.5), metricsWithIntervals(picked(sample, kept), 0.5)];
  for (const name of ["auroc", "sensitivity", "specificity", "brier"] as const) {
    assert.ok(widthOf(unequal[name]) > 1.8 * widthOf(equal[name]), name);
  }
});

describe("means over cases", () => {
  const sample: Sample = {
    labels: [1, 0, 0, 0, 1, 1, 0],
    probabilities: [0.9, 0.2, 0.6, 0.1, 0.3, 0.8, 0.4],
    cases: ["b", "b", "a", "a", "10", "10", ""],
  };

  test("a row a case, by name; null where a case does not define the metric", () => {
    const rows = metricsByCase(sample, 0.5).map(({ case: name, patches, idcShare, metrics }) => [
      [name, patches, idcShare],
      [metrics.auroc.value, metrics.sensitivity.value, metrics.specificity.value],
    ]);
    assert.deepEqual(rows, [
      [
        ["10", 2, 1],
        [null, 0.5, null],
      ],
      [
        ["a", 2, 0],
        [null, null, 0.5],
      ],
      [
        ["b", 2, 0.5],
        [1, 1, 1],
      ],
    ]);
  });

  test("the mean is of the cases that define the metric", () => {
    const macro = macroWithIntervals(sample, 0.5);
    assert.deepEqual([macro.sensitivity.value, macro.sensitivity.cases], [0.75, 2]);
    assert.deepEqual([macro.specificity.value, macro.specificity.cases], [0.75, 2]);
    assert.deepEqual([macro.auroc.value, macro.auroc.cases], [1, 1]);
    assert.deepEqual([macro.auroc.low, macro.auroc.high], [null, null], "of one case");
    assert.ok(macro.sensitivity.low! < 0.1 && macro.sensitivity.high! > 0.99, "two cases say little");
  });
});

describe("pairs", () => {
  const sample = clusteredSample({ seed: 4, cases: 30, patchesPerCase: 20 });
  const answers = { probabilities: sample.probabilities, threshold: 0.5 };

  test("a model is no better than itself, and there is nothing to make an interval of", () => {
    const equal = pairedDifferences(sample, [answers, answers]);
    for (const name of METRIC_NAMES) {
      assert.deepEqual(equal[name], { value: 0, low: null, high: null });
    }
  });

  test("the other way round the difference turns its sign", () => {
    const noisy = { probabilities: noisyOf(sample), threshold: 0.4 };
    const [there, back] = [pairedDifferences(sample, [answers, noisy]), pairedDifferences(sample, [noisy, answers])];
    for (const name of METRIC_NAMES) {
      const { value, low, high } = back[name];
      const turned = { value: -value!, low: -high!, high: -low! };
      assertNear(there[name], turned, name);
    }
    assert.ok(there.auroc.high! < 0);
    assert.ok(there.brier.low! > 0);
  });

  test("the interval of the difference is narrower than the models' own, which share what is hard", () => {
    const slightly = sample.probabilities.map((p) => p ** 1.1);
    const { accuracy } = pairedDifferences(sample, [answers, { ...answers, probabilities: slightly }]);
    const own = metricsWithIntervals(sample, 0.5).accuracy;
    assert.ok(widthOf(accuracy) < widthOf(own) / 2, `${widthOf(accuracy)} beside ${widthOf(own)}`);
  });
});

test("on patches that cluster, cases give wider intervals than single patches", () => {
  const sample = clusteredSample({ seed: 6, cases: 60, patchesPerCase: 20 });
  const alone = { ...sample, cases: sample.cases.map(() => "") };
  const [byCase, byPatch] = [metricsWithIntervals(sample, 0.5), metricsWithIntervals(alone, 0.5)];
  for (const name of METRIC_NAMES.filter((name) => name !== "auprc")) {
    const ratio = widthOf(byCase[name]) / widthOf(byPatch[name]);
    assert.ok(ratio > 1.3, `${name}: ${ratio} times as wide`);
  }
});

describe("refused, in one sentence", () => {
  const patches = { labels: [0, 1], probabilities: [0.1, 0.9], cases: ["a"] };
  const refuses: [string, () => unknown, Refusal][] = [
    [
      "another number of cases",
      () => metricsWithIntervals(patches, 0.5),
      refused("data-mismatch", "1 case came with 2 patches"),
    ],
    ["the same by case", () => metricsByCase(patches, 0.5), refused("data-mismatch", "1 case came with 2 patches")],
  ];
  for (const [title, call, refusal] of refuses) {
    test(title, () => {
      assert.throws(call, refusal);
    });
  }
});

function noisyOf({ probabilities }: { probabilities: readonly number[] }): number[] {
  const stream = new RandomStream(8, "noise");
  return probabilities.map((p) => Math.min(Math.max(p + stream.normal(0, 0.4), 0), 1));
}

function widthOf({ low, high }: MetricEstimate): number {
  return high! - low!;
}

/** Asserts that numbers are no further apart than 1e-12, and everything else equal. */
function assertNear<T extends object>(actual: T, expected: T, what: string): void {
  for (const [key, value] of Object.entries(expected)) {
    const found: unknown = actual[key as keyof T];
    const near = typeof value === "number" && typeof found === "number" && Math.abs(found - value) <= 1e-12;
    assert.ok(near || found === value, `${what}.${key}: ${found}, expected ${value}`);
  }
}
