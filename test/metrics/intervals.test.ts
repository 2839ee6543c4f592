/** Intervals from resampled cases: what they do not depend on, where there are none, and how wide they are. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { macroWithIntervals, metricsByCase } from "../../src/metrics/by_case.ts";
import { type MetricEstimate, metricsWithIntervals, type Sample } from "../../src/metrics/intervals.ts";
import { pairedDifferences } from "../../src/metrics/paired.ts";
import { clusterDraws, percentileInterval } from "../../src/metrics/resampling.ts";
import { METRIC_NAMES, METRICS } from "../../src/metrics/table.ts";
import { UserError } from "../../src/util/errors.ts";
import { RandomStream } from "../../src/util/random.ts";
import { clusteredSample, picked } from "./clustered.ts";

const FEW = { draws: 200, seed: 3 };
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
      assert.deepEqual(metricsWithIntervals(shuffled, 0.5, FEW), metricsWithIntervals(sample, 0.5, FEW));
      assert.deepEqual(macroWithIntervals(shuffled, 0.5, FEW), macroWithIntervals(sample, 0.5, FEW));
      const shuffledSecond = { ...second, probabilities: shuffled.probabilities };
      assert.deepEqual(
        pairedDifferences(shuffled, [{ ...shuffledSecond, threshold: 0.5 }, shuffledSecond], FEW),
        pairedDifferences(sample, [{ ...second, threshold: 0.5 }, second], FEW),
      );
    }),
    RUNS,
  );
});

test("every patch twice within its case changes nothing", () => {
  fc.assert(
    fc.property(samples, (sample) => {
      const named = { ...sample, cases: sample.cases.map((name) => name || "c") };
      const doubled = picked(named, [...named.cases.keys(), ...named.cases.keys()]);
      const [once, twice] = [named, doubled].map((patches) => metricsWithIntervals(patches, 0.4, FEW));
      for (const name of METRIC_NAMES) assertNear(twice![name], once![name], name);
    }),
    RUNS,
  );
});

test("a patch without a case is drawn by itself, as if it were a case", () => {
  const sample = clusteredSample({ seed: 1, cases: 6, patchesPerCase: 5 });
  const sorted = [...sample.labels.keys()].sort(
    (a, b) => sample.labels[a]! - sample.labels[b]! || sample.probabilities[a]! - sample.probabilities[b]!,
  );
  const ownCase = sorted.map((_, place) => `patch ${String(place).padStart(2, "0")}`);
  const alone = { ...sample, cases: sample.cases.map(() => "") };
  const byName = { ...picked(sample, sorted), cases: ownCase };
  assert.deepEqual(metricsWithIntervals(alone, 0.5, FEW), metricsWithIntervals(byName, 0.5, FEW));
  assert.deepEqual(metricsByCase(alone, 0.5), []);
});

test("the interval holds the value, and the same seed gives the same one", () => {
  const sample = clusteredSample({ seed: 2, cases: 40, patchesPerCase: 20 });
  const [first, again] = [
    metricsWithIntervals(sample, 0.5),
    metricsWithIntervals(sample, 0.5, { draws: 2000, seed: 42 }),
  ];
  assert.deepEqual(again, first);
  assert.notDeepEqual(metricsWithIntervals(sample, 0.5, { seed: 43 }), first);
  for (const name of METRIC_NAMES) {
    const { value, low, high, undefinedDraws } = first[name];
    assert.ok(low! < value! && value! < high!, `${name}: ${low} < ${value} < ${high}`);
    assert.equal(undefinedDraws, 0);
    const [lowest, highest] = METRICS[name].range;
    assert.ok(low! >= lowest && high! <= highest);
  }
});

describe("there is no interval", () => {
  test("of one case, nor of no patches; the value stays", () => {
    const sample = clusteredSample({ seed: 2, cases: 1, patchesPerCase: 40 });
    const empty = { labels: [], probabilities: [], cases: [] };
    for (const one of [metricsWithIntervals(sample, 0.5), macroWithIntervals(sample, 0.5)]) {
      for (const name of METRIC_NAMES) assert.deepEqual([one[name].low, one[name].high], [null, null]);
      assert.ok(one.accuracy.value! > 0.5);
    }
    const nothing = { value: null, low: null, high: null, undefinedDraws: 0 };
    assert.deepEqual(metricsWithIntervals(empty, 0.5).auroc, nothing);
    assert.deepEqual(macroWithIntervals(empty, 0.5).auroc, { ...nothing, cases: 0 });
    const same = { probabilities: [], threshold: 0.5 };
    assert.deepEqual(pairedDifferences(empty, [same, same]).auroc, { ...nothing, favoursSecond: null });
  });

  test("where more than half of the draws are undefined; below that they are left out", () => {
    const values = (defined: number) => Float64Array.from({ length: 100 }, (_, i) => (i < defined ? i : Number.NaN));
    assert.deepEqual(percentileInterval(values(49)), { low: null, high: null, undefinedDraws: 51 });
    assert.deepEqual(percentileInterval(values(50)), { low: 1.225, high: 47.775, undefinedDraws: 50 });
    // One case of three holds all IDC: it is missing in (2 / 3)^3 = 30 % of the draws.
    const sample = { labels: [1, 0, 0, 0], probabilities: [0.9, 0.2, 0.3, 0.95], cases: ["a", "a", "b", "c"] };
    const { undefinedDraws, low, high } = metricsWithIntervals(sample, 0.5).auroc;
    assert.ok(Math.abs(undefinedDraws / 2000 - 8 / 27) < 0.03, `${undefinedDraws}`);
    assert.deepEqual([low, high], [1 / 3, 1]);
  });
});

test("every case is drawn equally often", () => {
  const sums = new Float64Array(7);
  for (const weights of clusterDraws(7, { draws: 7000 })) for (let i = 0; i < 7; i++) sums[i]! += weights[i]!;
  assert.equal(
    sums.reduce((a, b) => a + b),
    49_000,
  );
  for (const sum of sums) assert.ok(Math.abs(sum - 7000) < 4 * Math.sqrt(6000), `${sum}`);
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
    assert.deepEqual([macro.sensitivity.low, macro.sensitivity.high], [0.5, 1]);
  });
});

describe("pairs", () => {
  const sample = clusteredSample({ seed: 4, cases: 30, patchesPerCase: 20 });
  const answers = { probabilities: sample.probabilities, threshold: 0.5 };

  test("a model is no better than itself", () => {
    const equal = pairedDifferences(sample, [answers, answers], FEW);
    for (const name of METRIC_NAMES) {
      assert.deepEqual(equal[name], { value: 0, low: 0, high: 0, undefinedDraws: 0, favoursSecond: 0.5 });
    }
  });

  test("the other way round the difference turns its sign", () => {
    const noisy = { probabilities: noisyOf(sample), threshold: 0.4 };
    const [there, back] = [
      pairedDifferences(sample, [answers, noisy], FEW),
      pairedDifferences(sample, [noisy, answers], FEW),
    ];
    for (const name of METRIC_NAMES) {
      const { value, low, high, favoursSecond } = back[name];
      const turned = { value: -value!, low: -high!, high: -low!, undefinedDraws: 0, favoursSecond: 1 - favoursSecond! };
      assertNear(there[name], turned, name);
    }
    assert.ok(there.auroc.high! < 0 && there.auroc.favoursSecond === 0);
    assert.ok(there.brier.low! > 0 && there.brier.favoursSecond === 0);
  });

  test("the interval of the difference is narrower than the models' own, which share what is hard", () => {
    const slightly = sample.probabilities.map((p) => p ** 1.1);
    const { accuracy } = pairedDifferences(sample, [answers, { ...answers, probabilities: slightly }], FEW);
    const own = metricsWithIntervals(sample, 0.5, FEW).accuracy;
    assert.ok(widthOf(accuracy) < widthOf(own) / 2, `${widthOf(accuracy)} beside ${widthOf(own)}`);
  });
});

test("on patches that cluster, cases give wider intervals than single patches", () => {
  const sample = clusteredSample({ seed: 6, cases: 60, patchesPerCase: 20 });
  const alone = { ...sample, cases: sample.cases.map(() => "") };
  const [byCase, byPatch] = [metricsWithIntervals(sample, 0.5, FEW), metricsWithIntervals(alone, 0.5, FEW)];
  for (const name of METRIC_NAMES.filter((name) => name !== "auprc")) {
    const ratio = widthOf(byCase[name]) / widthOf(byPatch[name]);
    assert.ok(ratio > 1.3, `${name}: ${ratio} times as wide`);
  }
});

describe("refused, in one sentence", () => {
  const patches = { labels: [0, 1], probabilities: [0.1, 0.9], cases: ["a"] };
  const refused: [string, () => unknown, RegExp][] = [
    ["another number of cases", () => metricsWithIntervals(patches, 0.5), /^1 case came with 2 patches: /],
    ["the same by case", () => metricsByCase(patches, 0.5), /^1 case came with 2 patches: /],
    ["too few draws", () => clusterDraws(3, { draws: 39 }), /^39 draws make no 95 % interval: /],
    ["half a draw", () => clusterDraws(3, { draws: 99.5 }), /^99.5 draws make no 95 % interval: /],
  ];
  for (const [title, call, message] of refused) {
    test(title, () => {
      assert.throws(call, (error: unknown) => error instanceof UserError && message.test(error.message));
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
