/** Folds by case: a partition, balanced, the same for the same seed whatever the order; and each a dataset that opens and does not leak. */

import assert from "node:assert/strict";
import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import test, { type TestContext } from "node:test";
import fc from "fast-check";
import { CLASS_NAMES } from "../../src/histology/dataset/class_names.ts";
import { type Dataset, openDataset } from "../../src/histology/dataset/dataset.ts";
import { foldOf, foldsOf, writeFold } from "../../src/histology/dataset/folds.ts";
import type { PatchRow } from "../../src/histology/dataset/patch_row.ts";
import { RECORD_BYTES } from "../../src/histology/dataset/record.ts";
import { FEWEST_FOLDS } from "../../src/histology/dataset/split_names.ts";
import { type CaseCounts, countCases } from "../../src/histology/dataset/stratify.ts";
import { describeDataset } from "../../src/histology/dataset/write.ts";
import { RandomStream } from "../../src/system/random.ts";
import { findLeakage } from "../../src/workflows/evaluation/leakage.ts";
import { temporaryFolder } from "../support/folder.ts";
import { type Refusal, refused } from "../support/refused.ts";
import { releaseCases } from "./support/release.ts";

/** One row per patch; the split that the dataset has itself is all train. */
function rowsOf(cases: readonly CaseCounts[]): PatchRow[] {
  return cases.flatMap(({ caseId, no_idc, idc }) =>
    Array.from({ length: no_idc + idc }, (_, place) => ({
      id: `${caseId} patch ${place}`,
      caseId,
      x: place,
      y: 0,
      label: place < idc ? 1 : 0,
      split: "train",
      width: 50,
      height: 50,
      source: `${caseId}/${place}.png`,
    })),
  );
}

const inMemory = (rows: readonly PatchRow[]) => ({ rows, folder: "a dataset" });

test("every case is in one fold, in any order of the rows; another seed deals otherwise", () => {
  const someCase = fc.record({ no_idc: fc.integer({ min: 1, max: 30 }), idc: fc.integer({ min: 1, max: 30 }) });
  const input = fc.tuple(
    fc.array(someCase, { minLength: 8, maxLength: 24 }),
    fc.integer({ min: FEWEST_FOLDS, max: 8 }),
    fc.nat(),
  );
  fc.assert(
    fc.property(input, ([counts, count, seed]) => {
      const rows = rowsOf(counts.map((row, index) => ({ caseId: `case ${index}`, ...row })));
      const folds = foldsOf(inMemory(rows), count, seed);
      assert.equal(folds.cases.length, count);
      assert.deepEqual(folds.cases.flat().sort(), [...new Set(rows.map(({ caseId }) => caseId))].sort());
      const shuffled = new RandomStream(seed, "test").shuffle([...rows]);
      assert.deepEqual(foldsOf(inMemory(shuffled), count, seed), folds);
    }),
    { numRuns: 40 },
  );
  const rows = rowsOf(Array.from({ length: 30 }, (_, i) => ({ caseId: `case ${i}`, no_idc: 5 + i, idc: 30 - i })));
  assert.notDeepEqual(foldsOf(inMemory(rows), 5, 1).cases, foldsOf(inMemory(rows), 5, 2).cases);
});

test("a case is test in one fold, val in another and train in the rest", () => {
  const rows = rowsOf(Array.from({ length: 11 }, (_, i) => ({ caseId: `case ${i}`, no_idc: 3 + i, idc: 2 + (i % 4) })));
  const dataset = { ...inMemory(rows), description: {} } as unknown as Dataset;
  const folds = foldsOf(dataset, 4, 42);
  const splits = [0, 1, 2, 3].map((fold) => foldOf(dataset, folds, fold));
  for (const [index, { caseId }] of rows.entries()) {
    const own = splits.map((fold) => fold.rows[index]!.split).sort();
    assert.deepEqual(own, ["test", "train", "train", "val"], caseId);
  }
  for (const [fold, { rows: own, indicesOf, description }] of splits.entries()) {
    const test = Array.from(indicesOf("test"), (index) => own[index]!.caseId);
    assert.deepEqual([...new Set(test)].sort(), folds.cases[fold]);
    assert.equal(description.counts.test.patches, test.length);
  }
});

/** How far the folds are from equal: the largest difference from 1 / folds of patches and of IDC. */
function imbalance(cases: readonly CaseCounts[], folds: readonly (readonly string[])[]) {
  const sum = (own: readonly CaseCounts[], of: (one: CaseCounts) => number) =>
    own.reduce((total, one) => total + of(one), 0);
  const gap = (of: (one: CaseCounts) => number) =>
    Math.max(
      ...folds.map((names) => {
        const own = cases.filter(({ caseId }) => names.includes(caseId));
        return Math.abs((sum(own, of) / sum(cases, of)) * folds.length - 1);
      }),
    );
  return { patches: gap(({ no_idc, idc }) => no_idc + idc), idc: gap(({ idc }) => idc), cases: gap(() => 1) };
}

test("on 60 cases and more, folds have like numbers of patches, of IDC and of cases", () => {
  const someCase = fc.record({
    size: fc.integer({ min: 20, max: 200 }),
    share: fc.double({ min: 0.05, max: 0.9, noNaN: true }),
  });
  fc.assert(
    fc.property(fc.array(someCase, { minLength: 60, maxLength: 80 }), fc.nat(), (drawn, seed) => {
      const cases = drawn.map(({ size, share }, index) => {
        const idc = Math.max(1, Math.round(size * share));
        return { caseId: String(index), no_idc: size - idc + 1, idc };
      });
      const found = imbalance(cases, foldsOf(inMemory(rowsOf(cases)), 5, seed).cases);
      assert.ok(found.patches < 0.05 && found.idc < 0.05 && found.cases < 0.25, JSON.stringify(found));
    }),
    { numRuns: 10, seed: 42 },
  );
});

test("the 279 cases of the release make five folds within two percent", async (t) => {
  if (!process.env.IDC_DATA) return t.skip("IDC_DATA is not set");
  const cases = await releaseCases(process.env.IDC_DATA);
  const found = imbalance(cases, foldsOf(inMemory(rowsOf(cases)), 5, 42).cases);
  t.diagnostic(JSON.stringify(found));
  assert.ok(found.patches < 0.02 && found.idc < 0.02 && found.cases < 0.05, JSON.stringify(found));
});

test("what makes no folds is refused in a sentence", () => {
  const cases = (count: number, of: (index: number) => Omit<CaseCounts, "caseId">) =>
    Array.from({ length: count }, (_, index) => ({ caseId: `case ${index}`, ...of(index) }));
  const refuses = (rows: PatchRow[], count: number, refusal: Refusal) =>
    assert.throws(() => foldsOf(inMemory(rows), count, 1), refusal);
  const rows = rowsOf(cases(6, () => ({ no_idc: 3, idc: 2 })));
  refuses(rows, 7, refused("folds-too-many", /^7 folds .* --folds 6\.$/));
  refuses(rows.slice(0, 10), 3, refused("folds-too-many", "has only 2"));
  refuses([...rows, { ...rows[0]!, id: "lone", caseId: "" }], 3, refused("case-unknown"));
  refuses(
    rowsOf(cases(9, (i) => ({ no_idc: 3, idc: i < 4 ? 1 : 0 }))),
    5,
    refused("folds-too-many", /with IDC .* --folds 4/),
  );
  refuses(
    rowsOf(cases(9, (i) => ({ no_idc: i < 3 ? 3 : 0, idc: 2 }))),
    5,
    refused("folds-too-many", /without IDC .* --folds 3/),
  );
});

/** A dataset on the disk: 6 cases with 4 patches each, no two of them alike. */
async function datasetOnDisk(t: TestContext): Promise<{ folder: string; dataset: Dataset }> {
  const folder = await temporaryFolder(t);
  const at = join(folder, "dataset");
  mkdirSync(at);
  const rows = rowsOf(Array.from({ length: 6 }, (_, i) => ({ caseId: `case ${i}`, no_idc: 2, idc: 2 })));
  writeFileSync(join(at, "patches.bin"), new RandomStream(1, "records").bytes(rows.length * RECORD_BYTES));
  const rejected = { damaged: 3 };
  await describeDataset(at, {
    rows,
    rejected,
    split: { method: "case", seed: 9 },
    software: "cancernet",
    side: 50,
    classNames: CLASS_NAMES,
  });
  const dataset = await openDataset(at);
  t.after(() => dataset.close());
  return { folder, dataset };
}

test("a fold is a dataset: it opens, its counts are right, nothing leaks, its records take no room", async (t) => {
  const { folder, dataset } = await datasetOnDisk(t);
  const folds = foldsOf(dataset, 3, 5);
  for (const fold of [0, 1, 2]) {
    const place = join(folder, "folds", String(fold), "dataset");
    await writeFold(foldOf(dataset, folds, fold), place, "cancernet 9");
    const own = await openDataset(place);
    t.after(() => own.close());
    assert.deepEqual(own.rows, foldOf(dataset, folds, fold).rows);
    assert.deepEqual(
      countCases(own.rows.filter(({ split }) => split === "test")).map(({ caseId }) => caseId),
      folds.cases[fold],
    );
    assert.deepEqual(own.description.counts.test, { cases: 2, patches: 8, no_idc: 4, idc: 4 });
    assert.deepEqual([own.description.split, own.description.rejected], [{ method: "case", seed: 5 }, { damaged: 3 }]);
    for (const split of ["test", "val"] as const) {
      const leakage = findLeakage(own, split, "this");
      assert.ok(leakage.checked && !leakage.found && leakage.overlaps.every(({ shared_cases }) => shared_cases === 0));
    }
    assert.equal(statSync(join(place, "patches.bin")).ino, statSync(join(folder, "dataset", "patches.bin")).ino);
  }
});

test("what a killed process left of a fold is made again, a whole one is left alone", async (t) => {
  const { folder, dataset } = await datasetOnDisk(t);
  const fold = foldOf(dataset, foldsOf(dataset, 3, 5), 1);
  const place = join(folder, "fold");
  await writeFold(fold, place, "cancernet 9");
  const whole = ["manifest.csv", "dataset.json"].map((name) => readFileSync(join(place, name)));
  rmSync(join(place, "dataset.json"));
  writeFileSync(join(place, "manifest.csv"), "id,case\nhalf a li");
  await writeFold(fold, place, "cancernet 9");
  assert.deepEqual(
    ["manifest.csv", "dataset.json"].map((name) => readFileSync(join(place, name))),
    whole,
  );
  await writeFold(fold, place, "cancernet 10");
  assert.deepEqual(readFileSync(join(place, "dataset.json")), whole[1]);
});

test("records that are a link in the dataset are the file itself in a fold", async (t) => {
  if (process.platform === "win32") return t.skip("Windows makes no links without permission");
  const { folder, dataset } = await datasetOnDisk(t);
  const records = join(folder, "dataset", "patches.bin");
  renameSync(records, join(folder, "elsewhere.bin"));
  symlinkSync("../elsewhere.bin", records);
  const place = join(folder, "deep", "down", "fold");
  await writeFold(foldOf(dataset, foldsOf(dataset, 3, 5), 0), place, "cancernet 9");
  assert.ok(lstatSync(join(place, "patches.bin")).isFile());
  (await openDataset(place)).close();
});

test("on another file system, which knows no link to the dataset, the records are copied", async (t) => {
  const elsewhere = "/dev/shm";
  if (!existsSync(elsewhere)) return t.skip(`there is no ${elsewhere}`);
  const { folder, dataset } = await datasetOnDisk(t);
  if (statSync(elsewhere).dev === statSync(folder).dev) return t.skip(`${elsewhere} is the same file system`);
  const place = mkdtempSync(join(elsewhere, "cancernet-test-"));
  t.after(() => rmSync(place, { recursive: true, force: true }));
  const fold = foldOf(dataset, foldsOf(dataset, 3, 5), 0);
  await writeFold(fold, join(place, "fold"), "cancernet 9");
  assert.equal(statSync(join(place, "fold", "patches.bin")).nlink, 1);
  const own = await openDataset(join(place, "fold"));
  assert.deepEqual(own.rows, fold.rows);
  own.close();
});
