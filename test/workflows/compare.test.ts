/** The verb compare on evaluations written by hand: the numbers of the metrics, one sentence for what does not fit, warnings. */

import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { metricsWithIntervals } from "../../src/metrics/intervals.ts";
import { pairedDifferences } from "../../src/metrics/paired.ts";
import { METRIC_NAMES } from "../../src/metrics/table.ts";
import { confusionAt } from "../../src/metrics/tally.ts";
import { compareOptions } from "../../src/options/compare.ts";
import { comparisonLines } from "../../src/reports/comparison/text.ts";
import { toCsv } from "../../src/util/csv.ts";
import { compare } from "../../src/workflows/compare.ts";
import { type ClusteredSample, clusteredSample } from "../metrics/clustered.ts";
import { context, recorder } from "../support/cohort.ts";
import { useFolder } from "../support/folder.ts";
import { type Refusal, refused } from "../support/refused.ts";

const at = useFolder("compare");
const sample = clusteredSample({ seed: 1, cases: 12, patchesPerCase: 15 });
const better = { ...sample, probabilities: sample.probabilities.map((p, i) => (p + 2 * sample.labels[i]!) / 3) };
const patches = [...sample.labels.keys()];

interface Written {
  sample?: ClusteredSample;
  /** The patches of predictions.csv, in its order. */
  order?: number[];
  threshold?: number;
  report?: Record<string, unknown>;
  dataset?: Record<string, unknown>;
}

/** Writes an evaluation, into a run's folder where the path has two names. */
function write(
  path: string[],
  { sample: own = sample, order = patches, threshold = 0.5, report, dataset }: Written = {},
) {
  const place = at(...path);
  mkdirSync(place, { recursive: true });
  const rows = order.map((patch) => [
    `patch ${patch}`,
    own.cases[patch]!,
    "",
    "",
    own.labels[patch]!,
    own.probabilities[patch]!,
    0,
  ]);
  writeFileSync(
    join(place, "predictions.csv"),
    toCsv(["id", "case", "x", "y", "label", "probability", "predicted"], rows),
  );
  const taken = (values: readonly number[]) => order.map((patch) => values[patch]!);
  const whole = {
    split: "test",
    threshold,
    confusion: confusionAt(taken(own.labels), taken(own.probabilities), threshold),
    leakage: { checked: true, overlaps: [], found: false },
    model: { model: "cancernet", recipe: "default", epoch: 3, seed: 42, dataset_sha256: "00" },
    dataset: { folder: "dataset", sha256: "00", same_as_in_training: true, ...dataset },
    ...report,
  };
  writeFileSync(join(place, "report.json"), JSON.stringify(whole));
  return at(path[0]!);
}

/** What the command gives and says. */
async function compared(runs: string[], options: Record<string, unknown> = {}) {
  const { reporter, warnings } = recorder();
  const comparison = await compare(compareOptions.parse({ runs, ...options }), { ...context, reporter });
  return { warnings, comparison, lines: comparisonLines(comparison) };
}

const first = write(["first", "evaluation-test"]);
const second = write(["second"], { sample: better, order: patches.toReversed(), threshold: 0.4 });

test("the numbers are those of the metrics, whatever the order of the rows", async () => {
  const { comparison, lines, warnings } = await compared([first, second]);
  const [one, two] = comparison.runs;
  assert.deepEqual(one!.metrics, metricsWithIntervals(sample, 0.5));
  assert.deepEqual(two!.metrics, metricsWithIntervals(better, 0.4));
  const answers = [
    { probabilities: sample.probabilities, threshold: 0.5 },
    { probabilities: better.probabilities, threshold: 0.4 },
  ] as const;
  assert.deepEqual(comparison.differences, [
    { run: second, minus: first, metrics: pairedDifferences(sample, answers) },
  ]);
  assert.deepEqual([comparison.patches, comparison.cases, comparison.intervals.unit], [180, 12, "cases"]);
  assert.deepEqual(warnings, []);
  const { value, low, high } = comparison.differences[0]!.metrics.auroc;
  assert.ok(low! > 0);
  const told = `+${value!.toFixed(3)} (+${low!.toFixed(3)} to +${high!.toFixed(3)}) *`;
  assert.ok(
    lines.some((line) => line.startsWith("AUROC ") && line.includes(told)),
    told,
  );
});

test("three runs are compared with the first", async () => {
  const { comparison, lines } = await compared([first, second, first]);
  assert.deepEqual(JSON.parse(JSON.stringify(comparison)), comparison);
  assert.ok(lines.every((line) => !line.includes("\n")));
  assert.deepEqual(
    comparison.differences.map(({ run, minus }) => [run, minus]),
    [
      [second, first],
      [first, first],
    ],
  );
  for (const name of METRIC_NAMES) assert.equal(comparison.differences[1]!.metrics[name].value, 0);
});

test("patches without cases count one by one, and the lines say so", async () => {
  const nameless = { ...sample, cases: sample.cases.map(() => "") };
  const run = write(["nameless"], { sample: nameless });
  const { comparison, lines } = await compared([run, run]);
  assert.deepEqual([comparison.cases, comparison.intervals.unit], [0, "patches"]);
  assert.ok(lines.some((line) => line.includes("as the dataset names no cases")));
});

describe("corrected labels", () => {
  const names = [...new Set(sample.cases)];
  const moved = names.slice(0, 2);
  const isMoved = (patch: number) => moved.includes(sample.cases[patch]!);
  const flipped = { ...better, labels: sample.labels.map((label, patch) => (isMoved(patch) ? 1 - label : label)) };
  const onCorrected = { sha256: "11", corrected_cases: moved };
  /** Fewer patches of a corrected case, other labels in both, and the same patches elsewhere. */
  const rest = patches.filter((patch) => patch !== patches.find(isMoved));

  test("the cases are left out if the datasets differ, and the numbers are those of the others", async () => {
    const run = write(["corrected"], { sample: flipped, order: rest, dataset: onCorrected });
    const { comparison, lines } = await compared([first, run]);
    const others = patches.filter((patch) => !isMoved(patch));
    const of = (values: readonly number[]) => others.map((patch) => values[patch]!);
    const cases = others.map((patch) => sample.cases[patch]!);
    assert.deepEqual([comparison.patches, comparison.cases], [others.length, names.length - 2]);
    assert.deepEqual(comparison.left_out, moved.toSorted());
    const kept = { labels: of(sample.labels), probabilities: of(sample.probabilities), cases };
    const answers = [sample, better].map(({ probabilities }) => ({ probabilities: of(probabilities), threshold: 0.5 }));
    const expected = pairedDifferences(kept, [answers[0]!, answers[1]!]);
    assert.deepEqual(comparison.differences, [{ run, minus: first, metrics: expected }]);
    assert.match(lines[1]!, /^2 test cases left out, because one of the datasets has corrected labels there: /);
  });

  test("nothing is left out if both evaluations are on the same corrected dataset", async () => {
    const run = write(["same corrected"], { sample: flipped, dataset: onCorrected });
    const { comparison } = await compared([run, run]);
    assert.deepEqual([comparison.patches, "left_out" in comparison], [patches.length, false]);
  });

  test("other differences are refused as before, and so is a comparison of nothing", async () => {
    const all = write(["all corrected"], { dataset: { sha256: "11", corrected_cases: names } });
    await assert.rejects(compared([first, all]), refused("evaluation-mismatch", "nothing can be compared"));
    const few = patches.slice(0, -1);
    const less = write(["less corrected"], { order: few, dataset: { sha256: "11", corrected_cases: moved } });
    await assert.rejects(compared([first, less]), refused("evaluation-mismatch", "not of the same patches"));
  });
});

describe("warned of", () => {
  const warned: [string, Written, RegExp][] = [
    [
      "another dataset",
      { dataset: { same_as_in_training: false } },
      /warned was trained on another dataset than dataset, /,
    ],
    [
      "an unknown training",
      { report: { model: { model: "cancernet", recipe: "imported", epoch: null, seed: null, dataset_sha256: null } } },
      /^It is not known what .*warned was trained on: make sure that it did not learn from its test cases\.$/,
    ],
    [
      "leakage",
      { report: { leakage: { checked: true, found: true } } },
      /warned was made from cases or patches that are in test too/,
    ],
    ["the training patches", { report: { split: "train" } }, /warned learned from these very patches/],
    ["val", { report: { split: "val" } }, /^The validation split chose each model's epoch/],
  ];
  for (const [what, written, message] of warned) {
    test(what, async () => {
      const { warnings } = await compared([first, write(["warned"], written)]);
      assert.equal(warnings.length, 1);
      assert.match(warnings[0]!, message);
    });
  }
});

describe("refused, in one sentence", () => {
  const odd = (change: (own: ClusteredSample) => void): Written => {
    const own = structuredClone(sample);
    change(own);
    return { sample: own };
  };
  const refuses: [string, () => string, Refusal][] = [
    [
      "fewer patches",
      () => write(["odd"], { order: patches.slice(2) }),
      refused("evaluation-mismatch", /first has 2 patches, such as patch 0;/),
    ],
    [
      "another label",
      () =>
        write(
          ["odd"],
          odd((own) => (own.labels[7] = 1 - own.labels[7]!)),
        ),
      refused("evaluation-mismatch", "label of patch patch 7"),
    ],
    [
      "another case",
      () =>
        write(
          ["odd"],
          odd((own) => (own.cases[7] = "x")),
        ),
      refused("evaluation-mismatch", /case of patch patch 7, .*"8000".*"x"/),
    ],
    ["a patch twice", () => write(["odd"], { order: [...patches, 3] }), refused("evaluation-damaged", "patch 3")],
    [
      "files of two evaluations",
      () => write(["odd"], { report: { confusion: { tn: 1, fp: 2, fn: 3, tp: 4 } } }),
      refused("evaluation-damaged", "report.json"),
    ],
    [
      "a report of something else",
      () => write(["odd"], { report: { split: "all" } }),
      refused("evaluation-damaged", "split"),
    ],
    [
      "a probability that is missing",
      () => {
        const place = write(["odd"]);
        writeFileSync(join(place, "predictions.csv"), "id,case,label,probability\na,b,1,\n");
        return place;
      },
      refused("evaluation-damaged", 'patch a the label "1" and the probability ""'),
    ],
    [
      "a run that was not evaluated",
      () => {
        mkdirSync(at("run"), { recursive: true });
        writeFileSync(at("run", "run.json"), "{}");
        return at("run");
      },
      refused("evaluation-missing", /run was not evaluated on test: do it with "cancernet evaluate '?.*run'?"\.$/),
    ],
    ["another folder", () => at(), refused("evaluation-missing")],
    ["nothing", () => at("nowhere"), refused("evaluation-missing", "nowhere")],
  ];
  for (const [what, other, refusal] of refuses) {
    test(what, async () => {
      const run = other();
      await assert.rejects(compared([first, run]), refusal);
    });
  }

  test("a single run", () => {
    const { success, error } = compareOptions.safeParse({ runs: [first] });
    assert.equal(success, false);
    assert.match(error!.issues[0]!.message, /^must be two or more folders/);
  });
});
