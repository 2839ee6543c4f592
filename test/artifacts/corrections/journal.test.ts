/** The journal of corrections as a file: what is appended is read again, and what does not belong is refused by name. */
import assert from "node:assert/strict";
import { appendFileSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { test } from "node:test";
import type { CorrectionDraft } from "../../../src/artifacts/corrections/entries.ts";
import { journalName, openJournal } from "../../../src/artifacts/corrections/journal.ts";
import { readJournal } from "../../../src/artifacts/corrections/read.ts";
import { useFolder } from "../../support/folder.ts";
import { refused } from "../../support/refused.ts";
import { blind, cells, DATASET, note, set, undo, uuid } from "./support.ts";

const at = useFolder("journal");

/** A new journal that holds the drafts; closed. */
async function written(name: string, drafts: readonly CorrectionDraft[]): Promise<string> {
  const path = at("corrections", name);
  const journal = await openJournal(path, DATASET);
  for (const draft of drafts) await journal.append(draft);
  await journal.close();
  return path;
}

test("entries of every kind are read again, by this and by a later process", async () => {
  const drafts = [
    set(1, ["a", "b"], "positive"),
    note(2, ["a"], "a note with\na line end"),
    cells(3, [[0, 50]], "negative"),
    blind(4, "c", "unsure"),
    undo(5, 1),
  ];
  const path = await written(journalName(DATASET), drafts);
  assert.match(path, /dataset-abababab\.jsonl$/);
  const { header, entries } = await readJournal(path);
  assert.deepEqual([header.format, header.dataset], [1, DATASET]);
  assert.deepEqual(
    entries.map(({ time, ...draft }) => [draft, /^\d{4}-.*Z$/.test(time)]),
    drafts.map((one) => [one, true]),
  );
  const again = await openJournal(path, DATASET);
  assert.deepEqual(again.entries, entries);
  await again.close();
  assert.equal(readFileSync(path, "utf8").split("\n").length, 7);
});

test("appends queue one after another, and a close waits for them", async () => {
  const path = at("corrections", "queue.jsonl");
  const journal = await openJournal(path, DATASET);
  const numbers = Array.from({ length: 30 }, (_, number) => number);
  const all = numbers.map((number) => journal.append(set(number, ["a"], "positive")));
  await journal.close();
  assert.deepEqual(
    (await Promise.all(all)).map(({ id }) => id),
    numbers.map(uuid),
  );
  assert.deepEqual((await readJournal(path)).entries, await Promise.all(all));
  await assert.rejects(journal.append(set(99, ["a"], "positive")), refused("journal-changed", "closed"));
});

test("the same entry twice is one entry; another entry with its id is refused", async () => {
  const path = at("corrections", "twice.jsonl");
  const journal = await openJournal(path, DATASET);
  const [one, two] = await Promise.all([1, 1].map(() => journal.append(set(1, ["a"], "positive"))));
  assert.equal(one, two);
  await assert.rejects(journal.append(set(1, ["a"], "negative")), refused("correction-repeated", uuid(1)));
  assert.equal(journal.entries.length, 1);
  await journal.close();
});

test("an invalid entry, an undo of nothing and a second undo are refused, and nothing is saved", async () => {
  const path = at("corrections", "invalid.jsonl");
  const journal = await openJournal(path, DATASET);
  await journal.append(set(1, ["a"], "positive"));
  await journal.append(undo(2, 1));
  const many = Array.from({ length: 10_001 }, (_, index) => String(index));
  for (const draft of [
    set(3, many, "positive"),
    set(3, [], "positive"),
    note(3, ["a"], "x".repeat(2001)),
    { ...set(3, ["a"], "positive"), id: "3" },
    { ...set(3, ["a"], "positive"), label: "maybe" } as never,
    cells(3, [[0, 0]], "positive", { ...cells(3, [], null).slide, file: "/etc/passwd" }),
  ]) {
    await assert.rejects(journal.append(draft), refused("correction-invalid", "nothing was saved"));
  }
  await assert.rejects(journal.append(undo(3, 9)), refused("correction-not-undoable", uuid(9)));
  await assert.rejects(journal.append(undo(3, 1)), refused("correction-not-undoable", "already"));
  await journal.close();
  assert.equal((await readJournal(path)).entries.length, 2);
});

test("a last line that was not completed does not count, and the next append cuts it off", async () => {
  const path = await written("torn.jsonl", [set(1, ["a"], "positive")]);
  const whole = readFileSync(path, "utf8");
  // Whole but for its end: it was not acknowledged either.
  for (const torn of ['{"kind":"set","id"', whole.split("\n")[1]!.replace(uuid(1), uuid(5)), "\0\0\0"]) {
    writeFileSync(path, whole + torn);
    const journal = await openJournal(path, DATASET);
    assert.equal(journal.entries.length, 1);
    assert.equal(readFileSync(path, "utf8"), whole + torn, "reading changes nothing");
    await journal.append(set(2, ["b"], "negative"));
    await journal.close();
    const lines = readFileSync(path, "utf8");
    assert.ok(lines.startsWith(whole));
    assert.equal((await readJournal(path)).entries.length, 2);
  }
});

test("a damaged line is refused by its number, wherever it is", async () => {
  const path = await written("damaged.jsonl", [set(1, ["a"], "positive"), set(2, ["a"], "negative"), undo(3, 2)]);
  const lines = readFileSync(path, "utf8").split("\n");
  const damages: [number, string | Buffer, string][] = [
    [1, '{"format":1}', "Line 1 "],
    [2, lines[1]!.slice(0, 40), "Line 2 "],
    [3, lines[2]!.replace("negative", "nagative"), "Line 3 "],
    [3, lines[2]!.replace(uuid(2), uuid(1)), "Line 3 "],
    [4, lines[3]!.replace(`"undoes":"${uuid(2)}"`, `"undoes":"${uuid(8)}"`), "Line 4 "],
    [2, "", "Line 2 "],
  ];
  for (const [number, line, named] of damages) {
    const changed = [...lines];
    changed[number - 1] = String(line);
    writeFileSync(path, changed.join("\n"));
    await assert.rejects(openJournal(path, DATASET), refused("journal-damaged", named));
    await assert.rejects(readJournal(path), refused("journal-damaged", named));
  }
  writeFileSync(path, Buffer.concat([Buffer.from(`${lines[0]}\n`), Buffer.from([0xff, 0x0a])]));
  await assert.rejects(readJournal(path), refused("journal-damaged", "Line 2 "));
  writeFileSync(path, lines.join("\n").replace('"format":1', '"format":2'));
  await assert.rejects(readJournal(path), refused("journal-other-format", "format 2"));
  writeFileSync(path, "");
  await assert.rejects(openJournal(path, DATASET), refused("journal-damaged", "Line 1 "));
});

test("the journal of another dataset is refused, and both datasets are named", async () => {
  const path = await written("other.jsonl", []);
  const other = { name: "second", manifest_sha256: "0".repeat(64), patches: 1 };
  await assert.rejects(
    openJournal(path, other),
    refused("journal-other-dataset", /dataset \(manifest abababab\).*second \(manifest 00000000\)/),
  );
  await (await openJournal(path, { ...DATASET, name: "renamed" })).close();
});

test("a journal that another program changed, replaced or removed meanwhile takes no entry", async () => {
  for (const change of [
    (path: string) => appendFileSync(path, "x"),
    (path: string) => renameSync(path, `${path}.moved`),
    (path: string) => {
      renameSync(path, `${path}.old`);
      writeFileSync(path, readFileSync(`${path}.old`));
    },
  ]) {
    const path = at("corrections", "changed.jsonl");
    writeFileSync(path, "");
    renameSync(path, at("corrections", "unused"));
    const journal = await openJournal(path, DATASET);
    change(path);
    await assert.rejects(journal.append(set(1, ["a"], "positive")), refused("journal-changed", path));
    await journal.close();
  }
});

test("a path that cannot be a journal is refused", async () => {
  mkdirSync(at("folder.jsonl"));
  writeFileSync(at("file"), "");
  await assert.rejects(openJournal(at("folder.jsonl"), DATASET), refused("path-is-folder"));
  await assert.rejects(openJournal(at("file", "a.jsonl"), DATASET), refused("output-exists", "file"));
  await assert.rejects(readJournal(at("none.jsonl")), refused("journal-missing", "none.jsonl"));
});
