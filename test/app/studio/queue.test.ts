/** The page of the queue: where the blind items are, and what the page shows of corrections that are not saved yet. */
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { test } from "node:test";
import { decodeOrder, encodeOrder, marksNumber, patchMarks } from "../../../src/app/api/patch_order.ts";
import { drawPage } from "../../../src/app/server/corrections/queue.ts";
import { withStates, withWaiting } from "../../../src/app/web/corrections/waiting.ts";
import { correctedOrder } from "../../../src/app/web/screens/datasets/corrected_order.ts";

type Arguments = Parameters<typeof drawPage>;

const rows = Array.from({ length: 300 }, (_, i) => ({
  id: `patch ${i}`,
  caseId: `case ${i % 10}`,
  x: Math.floor(i / 10) * 200,
  y: 0,
  width: 50,
  split: "test",
  label: i % 2,
}));
const open = { dataset: { rows }, caseOf: Uint32Array.from(rows, (_, i) => i % 10) } as unknown as Arguments[0];
const located = {
  source: { name: "run", threshold: 0.5 },
  answers: { probabilities: Float64Array.from(rows, (_, i) => i / 300), isWrong: new Uint8Array(300) },
} as unknown as Arguments[1];
const query = { run: "run", start: 0, before: 0 };

test("two of twenty items are blind, at places that differ from page to page", () => {
  const places = new Set<number>();
  for (let seed = 0; seed < 30; seed++) {
    const { items } = drawPage(open, located, [], { ...query, seed });
    assert.equal(items.length, 20);
    assert.equal(items.filter(({ blind }) => blind).length, 2);
    for (const [place, { blind }] of items.entries()) if (blind) places.add(place);
    assert.deepEqual(drawPage(open, located, [], { ...query, seed }).items, items);
  }
  assert.ok(places.size >= 15, `only ${[...places]}`);
});

test("a page knows only what was judged before it; an undone verdict does not count", () => {
  const { items } = drawPage(open, located, [], { ...query, seed: 1 });
  const signed = { author: "a", time: "2026-01-01T00:00:00.000Z" };
  const judged = items.map(({ patch }) => ({
    kind: "set" as const,
    id: randomUUID(),
    ...signed,
    patches: [rows[patch]!.id],
    label: "positive" as const,
  }));
  assert.deepEqual(drawPage(open, located, judged, { ...query, seed: 1 }).items, items);
  const next = drawPage(open, located, judged, { ...query, seed: 1, start: 20, before: 20 }).items;
  const before = new Set(items.map(({ patch }) => patch));
  assert.ok(next.length > 0 && next.every(({ patch }) => !before.has(patch)));
  const undo = { kind: "undo" as const, id: randomUUID(), ...signed, undoes: judged[0]!.id };
  const undone = [...judged, undo];
  const most = drawPage(open, located, undone, { ...query, seed: 1, start: 21, before: 20 }).items;
  assert.ok(most.some(({ patch }) => patch === items[0]!.patch) || items[0]!.blind);
  assert.throws(() => drawPage(open, located, [], { ...query, seed: 1, start: 1 }), /start a new page/);
});

test("what waits to be saved is shown over what is saved; the grid keeps its records", () => {
  const saved = withStates(new Map(), { records: [1, 2], labels: ["positive", null], notes: ["", "folded"] });
  const shown = withWaiting(saved, [
    { kind: "set", id: randomUUID(), records: [1], label: null },
    { kind: "set", id: randomUUID(), records: [0], label: "unsure" },
    { kind: "note", id: randomUUID(), records: [2], text: " " },
    { kind: "undo", id: randomUUID() },
  ]);
  assert.deepEqual([...shown], [[0, { label: "unsure", note: "" }]]);
  const plain = {
    label: 0,
    split: "train",
    isWrong: false,
    isSuspected: false,
    correction: null,
    hasNote: false,
  } as const;
  const order = decodeOrder(
    encodeOrder({
      total: 3,
      records: Uint32Array.of(2, 1, 0),
      probabilities: new Float32Array(3),
      cases: new Uint32Array(3),
      marks: Uint16Array.of(marksNumber(plain), marksNumber({ ...plain, correction: "exclude" }), marksNumber(plain)),
    }).buffer,
  );
  const corrected = correctedOrder(order, shown);
  assert.equal(corrected.records, order.records);
  assert.deepEqual(
    [...corrected.marks].map((marks) => patchMarks(marks).correction),
    [null, null, "unsure"],
  );
  assert.equal(correctedOrder(corrected, shown), corrected);
});
