/** Differences over cases and seeds: against golden/seeds.py, against compare with one seed, and by their symmetries. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { metricsByCase } from "../../src/metrics/by_case.ts";
import { layoutOf, metricsWithIntervals } from "../../src/metrics/intervals.ts";
import { pairedDifferences } from "../../src/metrics/paired.ts";
import { assessWithCalls } from "../../src/metrics/pooled.ts";
import { type SeededDifference, seededCaseDifference, seededDifferences } from "../../src/metrics/seeds.ts";
import { METRIC_NAMES, type MetricName } from "../../src/metrics/table.ts";
import { RandomStream } from "../../src/system/random.ts";
import { readGolden } from "../golden/reference.ts";

interface GoldenSeeds {
  thresholds: [number, number];
  samples: {
    name: string;
    cases: string[];
    labels: number[];
    models: [number[][], number[][]];
    differences: Record<MetricName, SeededDifference>;
    auroc_over_cases: SeededDifference;
  }[];
}

/** The reference takes derivatives by differences of 1e-4, whose error is about the square of that. */
const TOLERANCE = 1e-6;

/** Degrees of freedom are ratios of fourth powers of derivatives. */
const RELATIVE = 1e-5;

const golden = readGolden<GoldenSeeds>("seeds");

type Sample = Pick<GoldenSeeds["samples"][number], "cases" | "labels" | "models">;

function differences({ cases, labels, models }: Sample, thresholds: readonly number[]) {
  const order = Uint32Array.from(labels.keys());
  const [first, second] = models.map((runs, setting) =>
    runs.map((run) =>
      assessWithCalls(
        labels,
        run,
        run.map((p) => (p >= thresholds[setting]! ? 1 : 0)),
      ),
    ),
  );
  const [from, to] = models.map((runs) =>
    runs.map((probabilities) => metricsByCase({ labels, probabilities, cases }, 0.5)),
  );
  return {
    ...seededDifferences(first!, second!, layoutOf(cases, labels, [order])),
    auroc_over_cases: seededCaseDifference(from!, to!, "auroc"),
  };
}

const swapped = ({ models: [one, two], ...rest }: Sample): Sample => ({ ...rest, models: [two, one] });

describe("scikit-learn and scipy", () => {
  test("the samples have intervals for every metric, and both kinds of seeds", () => {
    assert.equal(golden.samples.length, 3);
    const [much, bit, one] = golden.samples;
    for (const name of METRIC_NAMES) assert.ok(much!.differences[name].low !== null, name);
    // Few seeds that differ leave few degrees of freedom; seeds that differ case by case leave those of the cases.
    assert.ok(much!.differences.auroc.degrees! < 8, String(much!.differences.auroc.degrees));
    assert.ok(bit!.auroc_over_cases.degrees! > 8, String(bit!.auroc_over_cases.degrees));
    assert.equal(one!.auroc_over_cases.degrees, 8);
  });

  for (const { name, ...sample } of golden.samples) {
    test(name, () => {
      const found = differences(sample, golden.thresholds);
      const expected = { ...sample.differences, auroc_over_cases: sample.auroc_over_cases };
      for (const metric of [...METRIC_NAMES, "auroc_over_cases"] as const) {
        const keys = Object.keys(expected[metric]) as (keyof SeededDifference)[];
        assert.deepEqual(Object.keys(found[metric]).sort(), [...keys].sort());
        for (const key of keys) {
          const [value, wanted] = [found[metric][key]!, expected[metric][key]!];
          const most = key === "degrees" ? RELATIVE * wanted : TOLERANCE;
          assert.ok(Math.abs(value - wanted) <= most, `${metric}.${key}: ${value}, expected ${wanted}`);
        }
      }
    });
  }
});

describe("properties", () => {
  const [sample] = golden.samples as [GoldenSeeds["samples"][number]];
  const { thresholds } = golden;

  test("swapping the settings flips the sign, to the last bit", () => {
    const there = differences(sample, thresholds);
    const back = differences(swapped(sample), [...thresholds].reverse());
    for (const name of [...METRIC_NAMES, "auroc_over_cases"] as const) {
      const { value, low, high, standardError, degrees } = there[name];
      assert.ok(value !== 0 && low !== null && high !== null, name);
      assert.deepEqual({ ...back[name] }, { ...there[name], value: -value!, low: -high, high: -low });
      assert.equal(back[name].standardError, standardError);
      assert.equal(back[name].degrees, degrees);
    }
  });

  test("identical settings differ by exactly 0, without an interval", () => {
    const { models } = sample;
    const found = differences({ ...sample, models: [models[0], models[0]] }, [thresholds[0], thresholds[0]]);
    for (const name of [...METRIC_NAMES, "auroc_over_cases"] as const) {
      assert.deepEqual(found[name], {
        value: 0,
        low: null,
        high: null,
        seeds: 3,
        standardError: null,
        degrees: null,
      });
    }
  });

  test("one seed gives the interval that compare gives", () => {
    const { cases, labels, models } = golden.samples[2]!;
    const answers = models.map(([probabilities], setting) => ({
      probabilities: probabilities!,
      threshold: thresholds[setting]!,
    }));
    const compared = pairedDifferences({ labels, cases }, [answers[0]!, answers[1]!]);
    const found = differences({ cases, labels, models }, thresholds);
    for (const name of METRIC_NAMES) {
      for (const key of ["value", "low", "high"] as const) {
        assert.ok(Math.abs(found[name][key]! - compared[name][key]!) < 1e-12, `${name}.${key}`);
      }
    }
  });

  test("the same model with each seed gives the interval of one seed", () => {
    const { cases, labels, models } = golden.samples[2]!;
    const one = differences({ cases, labels, models }, thresholds);
    const three = models.map(([run]) => [run!, run!, run!]) as [number[][], number[][]];
    const found = differences({ cases, labels, models: three }, thresholds);
    for (const name of METRIC_NAMES) {
      assert.equal(found[name].seeds, 3);
      for (const key of ["value", "low", "high", "degrees"] as const) {
        assert.ok(Math.abs(found[name][key]! - one[name][key]!) < 1e-9, `${name}.${key}`);
      }
    }
  });

  test("neither the order of patches nor that of seeds matters", () => {
    const before = differences(sample, thresholds);
    const order = new RandomStream(7, "order").shuffle(Uint32Array.from(sample.labels.keys()));
    const moved = <T>(values: readonly T[]): T[] => Array.from(order, (index) => values[index]!);
    const turned = sample.models.map((runs) => [...runs].reverse().map(moved)) as [number[][], number[][]];
    const after = differences({ cases: moved(sample.cases), labels: moved(sample.labels), models: turned }, thresholds);
    for (const name of [...METRIC_NAMES, "auroc_over_cases"] as const) {
      for (const key of ["value", "low", "high", "degrees"] as const) {
        assert.ok(Math.abs(after[name][key]! - before[name][key]!) < 1e-9, `${name}.${key}`);
      }
    }
  });

  test("an interval is never narrower than for cases alone", () => {
    for (const { cases, labels, models, differences: wanted } of golden.samples) {
      const average = (runs: readonly number[][]) =>
        runs[0]!.map((_, patch) => runs.reduce((sum, run) => sum + run[patch]!, 0) / runs.length);
      // The Brier score is a mean over patches, so the cases' part comes from each patch's mean loss.
      const gaps = labels.map(
        (label, patch) =>
          average(
            models[1].map((run, seed) =>
              run.map((p, place) => (p - labels[place]!) ** 2 - (models[0][seed]![place]! - labels[place]!) ** 2),
            ),
          )[patch]! +
          0 * label,
      );
      const byCase = Map.groupBy(gaps.keys(), (patch) => cases[patch]!);
      assert.ok(byCase.size > 5);
      const { value, standardError } = wanted.brier;
      const mean = gaps.reduce((sum, gap) => sum + gap, 0) / gaps.length;
      assert.ok(Math.abs(mean - value!) < 1e-9);
      const squares = [...byCase.values()].map(
        (own) => own.reduce((sum, patch) => sum + gaps[patch]! - mean, 0) ** 2 / gaps.length ** 2,
      );
      const sandwich = Math.sqrt(squares.reduce((sum, square) => sum + square, 0));
      assert.ok(standardError! > 0.8 * sandwich, `${standardError} and ${sandwich}`);
    }
  });
});

test("calls and probabilities of one threshold give the metrics of evaluate", () => {
  const [{ cases, labels, models }] = golden.samples as [GoldenSeeds["samples"][number]];
  const [probabilities] = models[0] as [number[]];
  const calls = probabilities.map((p) => (p >= 0.42 ? 1 : 0));
  const { values } = assessWithCalls(labels, probabilities, calls);
  const expected = metricsWithIntervals({ labels, probabilities, cases }, 0.42);
  for (const name of METRIC_NAMES) assert.equal(values[name].value, expected[name].value, name);
});
