/** PPV and NPV at another prevalence: by hand, by derivatives, and their intervals by another way and at the ends. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { estimatesByThreshold, type PredictiveEstimates } from "../../src/metrics/at_threshold.ts";
import { effectiveNumber } from "../../src/metrics/clusters.ts";
import { predictiveInfluence, predictiveValues } from "../../src/metrics/predictive_values.ts";
import { computeMetrics, METRICS, viewOf } from "../../src/metrics/table.ts";
import { tallyOf } from "../../src/metrics/tally.ts";
import { RandomStream } from "../../src/system/random.ts";
import { assertNear, readGolden } from "../golden/reference.ts";
import { refused } from "../support/refused.ts";
import { type ClusteredSample, clusteredSample, picked } from "./clustered.ts";
import { assertClose, RUNS, samplesOfBothClasses } from "./sample.ts";

interface Golden {
  samples: {
    name: string;
    cases: string[];
    labels: number[];
    probabilities: number[];
    threshold: number;
    at: PredictiveEstimates[];
  }[];
}

test("predictive values at the set's own prevalence are those of the set", () => {
  fc.assert(
    fc.property(samplesOfBothClasses, ({ labels, probabilities, threshold }) => {
      const metrics = computeMetrics(labels, probabilities, threshold);
      const rates = { sensitivity: metrics.sensitivity.value!, specificity: metrics.specificity.value! };
      const share = labels.filter((label) => label === 1).length / labels.length;
      const { ppv, npv } = predictiveValues(rates, share);
      assertClose(ppv, metrics.ppv.value, "ppv");
      assertClose(npv, metrics.npv.value, "npv");
    }),
    RUNS,
  );
});

test("predictive values elsewhere, by hand", () => {
  // Of 1,000 patches 100 with IDC: 90 found, 180 false alarms.
  const { ppv, npv } = predictiveValues({ sensitivity: 0.9, specificity: 0.8 }, 0.1);
  assertClose(ppv, 90 / 270, "ppv");
  assertClose(npv, 720 / 730, "npv");
  assert.deepEqual(predictiveValues({ sensitivity: 0, specificity: 1 }, 0.1), { ppv: null, npv: 0.9 });
  assert.deepEqual(predictiveValues({ sensitivity: 0.9, specificity: 0.8 }, 1), { ppv: 1, npv: 0 });
  assert.throws(() => predictiveValues({ sensitivity: 1, specificity: 1 }, 1.2), refused("option-invalid", "1.2"));
});

const golden = readGolden<Golden>("predictive_values");

test("the golden file holds the samples, and bounds at the ends among them", () => {
  assert.equal(golden.samples.length, 10);
  const ppvs = golden.samples.flatMap(({ at }) => at.map(({ ppv }) => ppv));
  assert.ok(ppvs.filter(({ low, high }) => low !== null && high! < 1).length > 10);
  assert.ok(ppvs.filter(({ value, low }) => value === 1 && low !== null).length > 2);
});

for (const { name, cases, labels, probabilities, threshold, at } of golden.samples) {
  test(`scikit-learn and scipy: ${name}, threshold ${threshold}`, () => {
    const found = estimatesByThreshold({ labels, probabilities, cases })(
      threshold,
      at.map(({ prevalence }) => prevalence),
    );
    for (const [i, expected] of at.entries()) {
      for (const value of ["ppv", "npv"] as const) {
        for (const key of ["value", "low", "high"] as const) {
          const [is, wanted] = [found.predictive[i]![value][key], expected[value][key]];
          const what = `${value}.${key} at ${expected.prevalence}`;
          if (is === null || wanted === null) assert.equal(is, wanted, what);
          else assertNear(is, wanted, 1e-6, what);
        }
      }
    }
  });
}

test("an influence is the derivative by the weight of a patch, and all influences cancel", () => {
  const [step, prevalence] = [1e-4, 0.15];
  let checked = 0;
  fc.assert(
    fc.property(samplesOfBothClasses, ({ labels, probabilities, threshold }) => {
      const tally = tallyOf(labels, probabilities);
      const view = viewOf(tally, threshold);
      const rates = ratesOf(labels, probabilities, threshold);
      const influence = predictiveInfluence(
        rates,
        prevalence,
        METRICS.sensitivity.influence(view).ofPositive,
        METRICS.specificity.influence(view).ofNegative,
      );
      for (const name of ["ppv", "npv"] as const) {
        if (predictiveValues(rates, prevalence)[name] === null) continue;
        const { ofPositive, ofNegative } = influence[name];
        let sum = 0;
        for (const [place, label] of labels.entries()) {
          const at = (change: number) =>
            predictiveValues(weighted({ labels, probabilities, threshold }, place, change), prevalence)[name]!;
          const found = (label === 1 ? ofPositive : ofNegative)[tally.scores.indexOf(probabilities[place]!)]!;
          sum += found;
          assertNear(found, (at(step) - at(-step)) / (2 * step), 1e-5, name);
          checked++;
        }
        assertNear(sum, 0, 1e-9, "sum");
      }
    }),
    { ...RUNS, numRuns: 100 },
  );
  assert.ok(checked > 900, `${checked}`);
});

describe("intervals", () => {
  const sample = clusteredSample({ seed: 3, cases: 25, patchesPerCase: 16 });
  const prevalences = [0.001, 0.01, 0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 0.95, 0.999];

  test("the order of the patches plays no part, to the last bit", () => {
    const stream = new RandomStream(5, "order");
    for (const threshold of [0.1, 0.5, 0.7]) {
      const shuffled = picked(sample, stream.shuffle([...sample.cases.keys()]));
      const found = estimatesByThreshold(shuffled)(threshold, prevalences);
      assert.deepEqual(found, estimatesByThreshold(sample)(threshold, prevalences));
    }
  });

  test("with the prevalence PPV and its bounds rise, NPV and its bounds fall; the interval holds the value", () => {
    const rows = estimatesByThreshold(sample)(0.5, prevalences).predictive;
    for (const [i, { ppv, npv }] of rows.entries()) {
      for (const { value, low, high } of [ppv, npv])
        assert.ok(0 <= low! && low! < value! && value! < high! && high! <= 1);
      const before = rows[i - 1];
      if (!before) continue;
      for (const key of ["value", "low", "high"] as const) {
        assert.ok(ppv[key]! > before.ppv[key]!, `PPV, ${key}, row ${i}`);
        assert.ok(npv[key]! < before.npv[key]!, `NPV, ${key}, row ${i}`);
      }
    }
  });

  test("swapping the classes swaps PPV and NPV", () => {
    const mirrored = {
      labels: sample.labels.map((label) => 1 - label),
      probabilities: sample.probabilities.map((p) => 1 - p),
      cases: sample.cases,
    };
    const [here, there] = [estimatesByThreshold(sample)(0.4, [0.2]), estimatesByThreshold(mirrored)(0.6, [0.8])];
    for (const key of ["value", "low", "high"] as const) {
      assertNear(here.predictive[0]!.ppv[key]!, there.predictive[0]!.npv[key]!, 1e-12, key);
      assertNear(here.predictive[0]!.npv[key]!, there.predictive[0]!.ppv[key]!, 1e-12, key);
    }
  });

  test("at the own share they are those of PPV and NPV if all cases have that share, up to how variances are pooled", () => {
    const fixed = withShare(sample, 5, 11);
    const { metrics, predictive } = estimatesByThreshold(fixed)(0.5, [5 / 16]);
    for (const name of ["ppv", "npv"] as const) {
      const [own, elsewhere] = [metrics[name], predictive[0]![name]];
      assertClose(own.value, elsewhere.value, name);
      const ratio = (elsewhere.high! - elsewhere.low!) / (own.high! - own.low!);
      assert.ok(Math.abs(ratio - 1) < 0.1, `${name}: ${ratio} times as wide`);
    }
  });

  test("at 0 and 1 the bound is that of the rate that is at its end, by Bayes' theorem", () => {
    const sizes = [30, 10, 10, 6, 4];
    const cases = sizes.flatMap((size, i) => new Array<string>(size).fill(`case ${i}`));
    const labels = cases.map((_, i) => i % 2);
    // No false alarm; every fifth patch with IDC is missed.
    const probabilities = labels.map((label, i) => (label === 1 && i % 5 !== 0 ? 0.9 : 0.1));
    const { metrics, predictive } = estimatesByThreshold({ labels, probabilities, cases })(0.5, [0.01]);
    const { ppv, npv } = predictive[0]!;
    assert.deepEqual([metrics.specificity.value, ppv.value, ppv.high], [1, 1, 1]);
    const bound = 0.025 ** (1 / effectiveNumber(sizes));
    assertNear(metrics.specificity.low!, bound, 1e-12, "specificity");
    const found = metrics.sensitivity.value! * 0.01;
    assertNear(ppv.low!, found / (found + (1 - bound) * 0.99), 1e-12, "PPV");
    assert.ok(ppv.low! < 0.03, `${ppv.low}`);
    assert.ok(npv.low! < npv.value! && npv.value! < npv.high!);
  });

  test("there is none if a class comes from one case, if all patches are called alike, or at a prevalence of 0 or 1", () => {
    const at = ({ labels, probabilities, cases }: ClusteredSample, threshold: number, prevalence: number) =>
      estimatesByThreshold({ labels, probabilities, cases })(threshold, [prevalence]).predictive[0]!;
    const one = { labels: [1, 0, 0, 0], probabilities: [0.9, 0.8, 0.2, 0.3], cases: ["a", "a", "b", "c"] };
    assert.deepEqual([at(one, 0.5, 0.2).ppv.low, at(one, 0.5, 0.2).npv.low], [null, null]);
    const nothing = { value: null, low: null, high: null };
    assert.deepEqual(at(sample, 1, 0.2).ppv, nothing);
    assert.deepEqual(at(sample, 1, 0.2).npv, { value: 0.8, low: null, high: null });
    assert.deepEqual(at(sample, 0.5, 0).ppv, { value: 0, low: null, high: null });
    assert.deepEqual(at(sample, 0.5, 1).ppv, { value: 1, low: null, high: null });
    assert.deepEqual(at({ ...sample, labels: sample.labels.map(() => 0) }, 0.5, 0.2).ppv, nothing);
  });
});

function ratesOf(labels: readonly number[], probabilities: readonly number[], threshold: number) {
  const { sensitivity, specificity } = computeMetrics(labels, probabilities, threshold);
  return { sensitivity: sensitivity.value!, specificity: specificity.value! };
}

/** Sensitivity and specificity if one patch counts a little more or less. */
function weighted(
  { labels, probabilities, threshold }: { labels: number[]; probabilities: number[]; threshold: number },
  place: number,
  change: number,
) {
  const share = (label: number) => {
    let [right, all] = [0, 0];
    for (const [i, own] of labels.entries()) {
      if (own !== label) continue;
      const weight = i === place ? 1 + change : 1;
      all += weight;
      if (probabilities[i]! >= threshold === (label === 1)) right += weight;
    }
    return right / all;
  };
  return { sensitivity: share(1), specificity: share(0) };
}

/** Every case with the same number of patches of each class: the first ones, repeated if there are too few. */
function withShare(sample: ClusteredSample, withIdc: number, without: number): ClusteredSample {
  const places = [...Map.groupBy(sample.cases.keys(), (patch) => sample.cases[patch]!).values()].flatMap((own) => {
    const [idc, none] = [1, 0].map((label) => own.filter((patch) => sample.labels[patch] === label)) as [
      number[],
      number[],
    ];
    if (idc.length === 0 || none.length === 0) return [];
    return [
      ...Array.from({ length: withIdc }, (_, i) => idc[i % idc.length]!),
      ...Array.from({ length: without }, (_, i) => none[i % none.length]!),
    ];
  });
  return picked(sample, places);
}
