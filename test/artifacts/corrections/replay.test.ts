/** What the entries of a journal amount to: labels, notes, cells, blind verdicts, undo and redo without limit. */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { Correction, CorrectionDraft, CorrectionLabel } from "../../../src/artifacts/corrections/entries.ts";
import {
  lastRedoable,
  lastUndoable,
  replay,
  slideKey,
  standingEntries,
} from "../../../src/artifacts/corrections/replay.ts";
import { blind, cells, note, SLIDE, set, timed, undo, uuid } from "./support.ts";

const labelsOf = (entries: readonly Correction[]) =>
  Object.fromEntries([...replay(entries).patches].map(([id, { label }]) => [id, label]));

test("the last label of a patch holds, with its author, time and entry; null takes labels back", () => {
  const entries = timed([set(1, ["a", "b"], "positive"), set(2, ["b"], "exclude", "bob"), set(3, ["a"], null)]);
  assert.deepEqual(
    [...replay(entries).patches],
    [
      [
        "b",
        {
          label: "exclude",
          note: null,
          labelled: { by: "bob", when: "2026-01-01T00:00:01.000Z", entry: uuid(2) },
          noted: null,
        },
      ],
    ],
  );
});

test("a note and a label of a patch are independent, and an empty note removes the note", () => {
  const entries = timed([note(1, ["a"], "blurred"), set(2, ["a"], "unsure"), set(3, ["a"], null), note(4, ["a"], "")]);
  const states = [1, 2, 3, 4].map((end) => replay(entries.slice(0, end)).patches.get("a"));
  assert.deepEqual(
    states.map((state) => state && [state.label, state.note]),
    [[null, "blurred"], ["unsure", "blurred"], [null, "blurred"], undefined],
  );
});

test("an undo undoes, its undo redoes, and undo and redo walk back and forth through all entries", () => {
  const entries = timed([set(1, ["a"], "positive"), set(2, ["a"], "negative"), set(3, ["a"], "unsure")]);
  const press = (find: typeof lastUndoable | typeof lastRedoable, number: number) => {
    const found = find(entries);
    if (found === undefined) return "nothing";
    entries.push({ ...undo(number, 0), undoes: found.id, time: "2026-02-01T00:00:00.000Z" });
    return labelsOf(entries).a;
  };
  const undos = [10, 11, 12, 13].map((number) => press(lastUndoable, number));
  assert.deepEqual(undos, ["negative", "positive", undefined, "nothing"]);
  const redos = [20, 21, 22, 23].map((number) => press(lastRedoable, number));
  assert.deepEqual(redos, ["positive", "negative", "unsure", "nothing"]);
  assert.equal(press(lastUndoable, 30), "negative");
  entries.push({ ...set(31, ["b"], "positive"), time: "2026-02-01T00:00:00.000Z" });
  assert.equal(lastRedoable(entries), undefined, "new work ends redo");
  assert.deepEqual(labelsOf(entries), { a: "negative", b: "positive" });
});

test("undo per author passes over the entries of others", () => {
  const entries = timed([set(1, ["a"], "positive", "ann"), set(2, ["b"], "positive", "bob"), undo(3, 2, "bob")]);
  assert.equal(lastUndoable(entries, "ann")?.id, uuid(1));
  assert.equal(lastUndoable(entries, "bob"), undefined);
  assert.equal(lastRedoable(entries, "bob")?.id, uuid(3));
  assert.equal(lastRedoable(entries, "ann"), undefined);
});

test("cells of a slide are kept per slide, scale and case; those taken back are gone", () => {
  const other = { ...SLIDE, scale: 2 };
  const moved = { ...SLIDE, file: "../elsewhere/one.png" };
  const { slides } = replay(
    timed([
      cells(
        1,
        [
          [0, 0],
          [50, 0],
        ],
        "positive",
      ),
      cells(2, [[50, 0]], null, moved),
      cells(3, [[0, 0]], "negative", other),
      cells(4, [[0, 0]], null, other),
    ]),
  );
  assert.deepEqual([...slides.keys()], [slideKey(SLIDE)]);
  const { slide, cells: found } = slides.get(slideKey(SLIDE))!;
  assert.equal(slide.file, moved.file);
  assert.deepEqual(
    [...found.values()].map(({ x, y, label }) => [x, y, label]),
    [[0, 0, "positive"]],
  );
});

test("the first blind verdict in effect counts, and it corrects nothing", () => {
  const entries = timed([blind(1, "a", "positive"), blind(2, "a", "negative"), blind(3, "b", "unsure")]);
  const verdicts = (all: readonly Correction[]) =>
    [...replay(all).blind.values()].map(({ patch, label }) => [patch, label]);
  assert.deepEqual(verdicts(entries), [
    ["a", "positive"],
    ["b", "unsure"],
  ]);
  assert.deepEqual(verdicts([...entries, ...timed([undo(4, 1)])]), [
    ["a", "negative"],
    ["b", "unsure"],
  ]);
  assert.equal(replay(entries).patches.size, 0);
});

/** What a person does: a label, a note, an undo or a redo. */
const action = fc.oneof(
  fc.record({
    patches: fc.uniqueArray(fc.constantFrom("a", "b", "c", "d"), { minLength: 1 }),
    label: fc.constantFrom<CorrectionLabel | null>("positive", "negative", "exclude", "unsure", null),
  }),
  fc.record({ patches: fc.constantFrom<string[]>(["a"], ["b", "c"]), text: fc.constantFrom("", "one", "two") }),
  fc.record({ undoes: fc.nat(1000) }),
);

/** The actions as entries: an undo names any entry before it that is not undone, also another undo. */
const journal = fc.array(action, { maxLength: 40 }).map((actions) => {
  const drafts: CorrectionDraft[] = [];
  for (const [number, one] of actions.entries()) {
    if ("label" in one) drafts.push(set(number, one.patches, one.label));
    else if ("text" in one) drafts.push(note(number, one.patches, one.text));
    else if (drafts.length > 0) {
      drafts.push({ ...undo(number, 0), undoes: drafts[one.undoes % drafts.length]!.id });
    }
  }
  return timed(drafts);
});

/** Whether an entry is in effect, by its definition: no undo in effect names it. */
function inEffect(entries: readonly Correction[], id: string): boolean {
  return !entries.some((entry) => entry.kind === "undo" && entry.undoes === id && inEffect(entries, entry.id));
}

test("property: replay is the replay of the entries in effect alone, and an undo takes back exactly one entry", () => {
  fc.assert(
    fc.property(journal, (entries) => {
      const standing = entries.filter((entry) => entry.kind !== "undo" && inEffect(entries, entry.id));
      assert.deepEqual(standingEntries(entries), standing);
      assert.deepEqual(replay(entries), replay(standing));
      const last = lastUndoable(entries);
      assert.equal(last?.id, standing.at(-1)?.id);
      if (last === undefined) return;
      const undone = [...entries, ...timed([{ ...undo(1000, 0), undoes: last.id }])];
      assert.deepEqual(replay(undone), replay(standing.slice(0, -1)));
      const redo = lastRedoable(undone)!;
      assert.equal(redo.id, uuid(1000));
      assert.deepEqual(replay([...undone, ...timed([{ ...undo(1001, 0), undoes: redo.id }])]), replay(entries));
    }),
    { seed: 7, numRuns: 200 },
  );
});
