/** The verb correct: dataset N is dataset 0 and the journal, to the byte; the test split stays unless it is asked for. */
import assert from "node:assert/strict";
import { appendFileSync, copyFileSync, existsSync, readdirSync, readFileSync } from "node:fs";
import { before, describe, test } from "node:test";
import { openDataset } from "../../../src/histology/dataset/dataset.ts";
import type { PatchRow } from "../../../src/histology/dataset/patch_row.ts";
import type { Split } from "../../../src/histology/dataset/split_names.ts";
import { correctLines } from "../../../src/reports/correction/text.ts";
import { note, set, undo, uuid } from "../../artifacts/corrections/support.ts";
import { cohort, prepareQuietly } from "../../support/cohort.ts";
import { readTree, useFolder, writeTree } from "../../support/folder.ts";
import { closedDataset, journalOf } from "../../support/journal.ts";
import { refused } from "../../support/refused.ts";
import { corrected } from "./support.ts";

const at = useFolder("correct");
const CASES = 8;
let rows: readonly PatchRow[];
/** The ids of the patches of a split with the label. */
const ids = (split: Split, label: 0 | 1) =>
  rows.flatMap((row) => (row.split === split && row.label === label ? [row.id] : []));
const without = (count: number, one: readonly string[]) => one.slice(0, count);

before(async () => {
  const patches = await writeTree(at("patches"), cohort(CASES, 12));
  // Left out by prepare: its list goes on.
  await writeTree(patches, [["900/0/readme.txt", Buffer.from("no picture")]]);
  await prepareQuietly({ source: patches, out: at("dataset"), trainShare: 0.7, validationShare: 0.3 });
  ({ rows } = await closedDataset(at("dataset")));
  assert.deepEqual(new Set(rows.map(({ split }) => split)), new Set(["train", "val", "test"]));
});

/** Corrections of every kind in train and val. */
const usual = () => [
  set(1, without(3, ids("train", 0)), "positive"),
  set(2, without(2, ids("train", 1)), "exclude"),
  set(3, without(1, ids("val", 0)), "unsure"),
  set(4, without(1, ids("val", 1)), "negative"),
  // Confirms what the dataset says.
  set(5, ids("train", 0).slice(-1), "negative"),
];

test("the rows are the parent's with the labels of the journal, and every record stays with its row", async () => {
  const journal = await journalOf(at("usual.jsonl"), at("dataset"), usual());
  const { description, warnings, rejected_list } = await corrected({
    dataset: at("dataset"),
    journal,
    out: at("usual"),
  });
  assert.deepEqual(warnings, []);
  const [positive, excluded, unsure, negative] = usual().map(({ patches }) => new Set(patches));
  const expected = rows
    .filter(({ id }) => !excluded!.has(id) && !unsure!.has(id))
    .map((row) => ({ ...row, label: positive!.has(row.id) ? 1 : negative!.has(row.id) ? 0 : row.label }));
  const [parent, child] = [await openDataset(at("dataset")), await openDataset(at("usual"))];
  assert.deepEqual(child.rows, expected);
  const [one, other] = [new Uint8Array(parent.recordBytes), new Uint8Array(child.recordBytes)];
  const places = new Map(parent.rows.map(({ id }, index) => [id, index]));
  for (const [index, { id }] of child.rows.entries()) {
    parent.read(places.get(id)!, one, 0);
    child.read(index, other, 0);
    assert.ok(Buffer.from(one).equals(Buffer.from(other)), id);
  }
  parent.close();
  child.close();
  assert.deepEqual(description.split, parent.description.split);
  assert.deepEqual(description.rejected, { notAPatch: 1, excluded: 2, unsure: 1 });
  const { patches, cases, journal: used, parent: named } = description.corrections!;
  assert.deepEqual(patches, {
    relabelled: { train: 3, val: 1, test: 0 },
    excluded: { train: 2, val: 0, test: 0 },
    unsure: { train: 0, val: 1, test: 0 },
    added: { train: 0, val: 0, test: 0 },
  });
  const touched = (split: Split) => [
    ...new Set(
      rows.flatMap((row) =>
        row.split === split &&
        usual()
          .slice(0, 4)
          .some((entry) => entry.patches.includes(row.id))
          ? [row.caseId]
          : [],
      ),
    ),
  ];
  assert.deepEqual(cases, { train: touched("train").sort(), val: touched("val").sort(), test: [] });
  assert.equal(used.entries, 5);
  const { manifest, patches: records } = parent.description.sha256;
  assert.deepEqual(named, { folder: "../dataset", manifest_sha256: manifest, patches_sha256: records });
  const list = readFileSync(rejected_list, "utf8");
  assert.match(list, /900\/0\/readme\.txt,/);
  for (const id of [...excluded!]) assert.match(list, new RegExp(`patch ${id} is excluded, as entry ${uuid(2)}`));
  assert.match(list, new RegExp(`patch ${[...unsure!][0]} cannot be decided`));
});

test("replay gives the same bytes: twice, and whatever was undone, noted or left incomplete in between", async () => {
  const plain = await journalOf(at("plain.jsonl"), at("dataset"), usual());
  await corrected({ dataset: at("dataset"), journal: plain, out: at("one") });
  await corrected({ dataset: at("dataset"), journal: plain, out: at("two") });
  const files = await readTree(at("one"));
  assert.deepEqual(await readTree(at("two")), files);
  // The same entries in effect: times and ids are theirs.
  const longer = at("longer.jsonl");
  copyFileSync(plain, longer);
  await journalOf(longer, at("dataset"), [
    set(20, ids("train", 0), "exclude"),
    note(21, ids("train", 0), "a note"),
    undo(22, 20),
    set(23, ids("val", 1), "unsure"),
    undo(24, 23),
    undo(25, 24),
    undo(26, 25),
  ]);
  appendFileSync(longer, '{"kind":"set"');
  await corrected({ dataset: at("dataset"), journal: longer, out: at("three") });
  assert.deepEqual(await readTree(at("three")), files);
});

test("a dataset that is not corrected keeps its description, and a label that is taken back changes nothing", async () => {
  const id = ids("train", 0)[0]!;
  const drafts = [set(1, [id], "positive"), set(2, [id], null)];
  const journal = await journalOf(at("null.jsonl"), at("dataset"), drafts);
  const { description, warnings } = await corrected({ dataset: at("dataset"), journal, out: at("same") });
  assert.match(warnings.join(), /change no patch/);
  const parent = JSON.parse(readFileSync(at("dataset", "dataset.json"), "utf8"));
  assert.ok(!("corrections" in parent));
  assert.deepEqual(description.sha256, parent.sha256);
});

describe("the test split", () => {
  const ofTest = () => [
    set(1, without(2, ids("test", 0)), "positive"),
    set(2, without(1, ids("test", 1)), "exclude"),
    set(3, ids("test", 1).slice(1, 2), "unsure"),
    set(4, without(1, ids("train", 0)), "positive"),
  ];

  test("stays as it is, and a warning counts the corrections that were ignored", async () => {
    const journal = await journalOf(at("test.jsonl"), at("dataset"), ofTest());
    const { warnings, ignored, description } = await corrected({ dataset: at("dataset"), journal, out: at("kept") });
    const ignoredIds = ofTest()
      .slice(0, 2)
      .flatMap(({ patches }) => patches);
    const cases = new Set(rows.flatMap(({ id, caseId }) => (ignoredIds.includes(id) ? [caseId] : [])));
    assert.deepEqual(ignored, { patches: 3, cases: cases.size });
    assert.equal(warnings.length, 1);
    assert.match(warnings[0]!, /^Corrections of 3 test patches of \d cases? were ignored.*--correct-test/);
    assert.deepEqual(description.corrections!.cases.test, []);
    const { rows: after } = await closedDataset(at("kept"));
    const inTest = ({ split }: PatchRow) => split === "test";
    assert.deepEqual(after.filter(inTest), rows.filter(inTest));
  });

  test("is corrected with correctTest, which is named; an unsure patch keeps its label", async () => {
    const journal = await journalOf(at("with_test.jsonl"), at("dataset"), ofTest());
    const options = { dataset: at("dataset"), journal, out: at("with_test"), correctTest: true };
    const { warnings, ignored, description } = await corrected(options);
    assert.deepEqual(ignored, { patches: 0, cases: 0 });
    const { patches, cases } = description.corrections!;
    assert.deepEqual([patches!.relabelled.test, patches!.excluded.test, patches!.unsure.test], [2, 1, 0]);
    assert.match(warnings.join(), new RegExp(`corrected labels in ${cases.test.length} case`));
    const after = new Map((await closedDataset(at("with_test"))).rows.map((row) => [row.id, row]));
    assert.equal(after.get(ofTest()[2]!.patches[0]!)?.label, 1);
    assert.equal(after.has(ofTest()[1]!.patches[0]!), false);
  });

  test("a corrected dataset can be corrected again, and the corrected cases add up", async () => {
    const journal = await journalOf(at("again.jsonl"), at("dataset"), [set(1, without(1, ids("test", 0)), "positive")]);
    await corrected({ dataset: at("dataset"), journal, out: at("first"), correctTest: true });
    const second = await journalOf(at("second.jsonl"), at("first"), [set(1, without(1, ids("train", 1)), "negative")]);
    const { description } = await corrected({ dataset: at("first"), journal: second, out: at("second") });
    const { cases, parent, patches } = description.corrections!;
    assert.equal(parent.folder, "../first");
    assert.equal(cases.test.length, 1);
    assert.equal(cases.train.length, 1);
    assert.deepEqual(patches!.relabelled, { train: 1, val: 0, test: 0 });
    await assert.rejects(
      corrected({ dataset: at("first"), journal, out: at("no") }),
      refused("journal-other-dataset", "again.jsonl"),
    );
  });
});

test("what cannot be corrected is refused by name, and nothing is left behind", async () => {
  const dataset = at("dataset");
  const make = (name: string, drafts: Parameters<typeof journalOf>[2]) =>
    journalOf(at(`${name}.jsonl`), dataset, drafts);
  const label = without(1, ids("train", 0));
  const cases: [string, Parameters<typeof refused>][] = [
    [await make("empty", []), ["journal-empty", "empty.jsonl"]],
    [await make("undone", [set(1, label, "positive"), undo(2, 1)]), ["journal-empty", "undone.jsonl"]],
    [await make("notes", [note(1, label, "a note")]), ["journal-empty", "notes.jsonl"]],
    [await make("unknown", [set(1, ["nobody"], "positive")]), ["journal-mismatch", "nobody"]],
    [await make("emptied", [set(1, [...ids("val", 0), ...ids("val", 1)], "exclude")]), ["split-empty", "val"]],
    [at("none.jsonl"), ["journal-missing", "none.jsonl"]],
    [at("dataset", "manifest.csv"), ["journal-damaged", "Line 1 "]],
    [at("dataset"), ["path-is-folder", "dataset"]],
  ];
  for (const [journal, refusal] of cases) {
    await assert.rejects(corrected({ dataset, journal, out: at("out") }), refused(...refusal));
    assert.ok(!existsSync(at("out")), journal);
  }
  assert.deepEqual(
    readdirSync(at()).filter((name) => name.includes("partial")),
    [],
  );
  const journal = await make("good", [set(1, label, "positive")]);
  await assert.rejects(corrected({ dataset, journal, out: dataset }), refused("output-exists", "--out"));
  await assert.rejects(corrected({ dataset: at("patches"), journal, out: at("out") }), refused("dataset-missing"));
});

test("the printed table has the counts per split", async () => {
  const journal = await journalOf(at("lines.jsonl"), at("dataset"), usual());
  const lines = correctLines(await corrected({ dataset: at("dataset"), journal, out: at("lines") }));
  assert.match(lines[0]!, /split +cases +patches +IDC +relabelled +excluded +unsure +added/);
  assert.match(lines.find((line) => line.startsWith("train"))!, / 3 +2 +0 +0$/);
  assert.match(lines.find((line) => line.startsWith("val"))!, / 1 +0 +1 +0$/);
  assert.ok(lines.includes(`3 patches left out by corrections, listed in ${at("lines", "rejected.csv")}.`));
});
