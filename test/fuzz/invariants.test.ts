/** Fuzzing of what must always hold: splits, manifests, and the metrics of weighted patches. */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { manifestParts, readManifest } from "../../src/histology/dataset/manifest.ts";
import { parsePath } from "../../src/histology/dataset/parse_path.ts";
import type { PatchRow } from "../../src/histology/dataset/patch_row.ts";
import { planDataset } from "../../src/histology/dataset/plan.ts";
import { SPLITS } from "../../src/histology/dataset/split_names.ts";
import { splitByCase, splitByPatch } from "../../src/histology/dataset/splits.ts";
import { computeMetrics, METRIC_NAMES } from "../../src/metrics/table.ts";
import { RandomStream } from "../../src/system/random.ts";
import { assertClose, samples } from "../metrics/sample.ts";
import { runs } from "./runs.ts";

const shuffled = <T>(items: readonly T[], seed: number): T[] => new RandomStream(seed, "fuzz").shuffle([...items]);

test("the plan of a source does not depend on the order of its files, and accepts no id twice", () => {
  const name = fc.record({
    caseId: fc.nat(3),
    label: fc.nat(1),
    x: fc.nat(4),
    nested: fc.boolean(),
    named: fc.boolean(),
  });
  const path = name.map(({ caseId, label, x, nested, named }) => {
    const file = named ? `${caseId}_idx5_x${x}_y1_class${label}.png` : `${x}.png`;
    return `${nested ? "IDC_regular_ps50_idx5/" : ""}${caseId}/${label}/${file}`;
  });
  const other = fc.oneof(fc.string(), fc.constantFrom("notes.txt", "a/b.png", "x/2/y.png"));
  fc.assert(
    fc.property(fc.array(fc.oneof(path, path, other), { maxLength: 40 }), fc.nat(), (paths, seed) => {
      const plan = planDataset(paths);
      assert.deepEqual(planDataset(shuffled(paths, seed)), plan);
      assert.equal(new Set(plan.candidates.map(({ id }) => id)).size, plan.candidates.length);
      const left = plan.rejections.reduce((sum, { files }) => sum + files, 0);
      assert.equal(plan.candidates.length + left, paths.length, "every file is accepted or left out");
    }),
    runs(300),
  );
});

test("a split by case gives each case one split whatever the order; by patch, the tutorial's shares", () => {
  const someCase = fc.record({ no_idc: fc.nat(500), idc: fc.nat(500) });
  fc.assert(
    fc.property(fc.array(someCase, { minLength: 1, maxLength: 25 }), fc.nat(), (counts, seed) => {
      const cases = counts.map((row, i) => ({ caseId: `case ${i}`, ...row }));
      const splits = splitByCase(cases, seed);
      assert.deepEqual([...splits.keys()].sort(), cases.map(({ caseId }) => caseId).sort());
      assert.equal(new Set(splits.values()).size, Math.min(SPLITS.length, cases.length));
      assert.deepEqual(new Map([...splitByCase(shuffled(cases, seed), seed)].sort()), new Map([...splits].sort()));
      const patches = splitByPatch(counts.length, seed);
      const count = (split: string): number => patches.filter((one) => one === split).length;
      const trainAndVal = Math.floor(counts.length * 0.8);
      assert.deepEqual([count("train") + count("val"), count("val")], [trainAndVal, Math.floor(trainAndVal * 0.1)]);
    }),
    runs(60),
  );
});

test("a manifest comes back as it was written, for every name that prepare accepts", () => {
  const text = fc
    .oneof(
      fc.string({ unit: "grapheme", minLength: 1 }),
      fc.constantFrom('"', '","', " a ", "a,b", "'", "=1+1", "\ufeffa", "#"),
    )
    .filter((one) => !("reason" in parsePath(`c/0/${one}.png`)));
  const size = fc.integer({ min: 1, max: 999_999_999 });
  const place = fc.option(fc.nat(999_999_999), { nil: undefined });
  const row = fc.record(
    {
      id: text,
      caseId: fc.oneof(text, fc.constant("")),
      x: place,
      y: place,
      label: fc.constantFrom(0 as const, 1 as const),
      split: fc.constantFrom(...SPLITS),
      width: size,
      height: size,
      source: text,
    },
    { noNullPrototype: true },
  );
  const rows = fc.uniqueArray(row, { selector: ({ id }) => id, minLength: 1, maxLength: 20 });
  fc.assert(
    fc.property(rows, (written) => {
      const read: PatchRow[] = readManifest(Buffer.from([...manifestParts(written)].join("")), "manifest.csv");
      assert.deepEqual(read, written);
    }),
    runs(300),
  );
});

test("a weight is a number of equal patches: metrics of counts are those of the patches written out", () => {
  fc.assert(
    fc.property(
      samples,
      fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 40, maxLength: 40 }),
      (sample, weights) => {
        const places = sample.labels.flatMap((_, i) => Array<number>(weights[i]!).fill(i));
        const of = (order: readonly number[]) =>
          computeMetrics(
            order.map((i) => sample.labels[i]!),
            order.map((i) => sample.probabilities[i]!),
            sample.threshold,
          );
        const [one, other] = [of(places), of(shuffled(places, weights.length))];
        for (const name of METRIC_NAMES) assertClose(other[name].value, one[name].value, name);
      },
    ),
    runs(200),
  );
});
