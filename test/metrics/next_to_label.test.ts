/** The page of patches to judge next: its order, its limits, and that its random items are random and no more. */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { nextToLabel, type PageRules, type QueuedPatch } from "../../src/metrics/next_to_label.ts";
import { RandomStream } from "../../src/system/random.ts";
import { refused } from "../support/refused.ts";

const RULES: PageRules = { items: 20, before: 0, threshold: 0.5, side: 50, reach: 2, perCase: 3 };
const FREE: PageRules = { ...RULES, perCase: 1000, reach: 0 };

const stream = (seed = 1) => new RandomStream(seed, "page");

/** Patches on a grid, of which some were judged. */
const candidates: fc.Arbitrary<QueuedPatch[]> = fc.array(
  fc.record({
    probability: fc.integer({ min: 0, max: 64 }).map((step) => step / 64),
    case: fc.integer({ min: 0, max: 12 }).map((number) => (number === 0 ? "" : String(number))),
    x: fc.option(
      fc.integer({ min: 0, max: 20 }).map((column) => column * 50),
      { nil: undefined },
    ),
    y: fc.integer({ min: 0, max: 20 }).map((row) => row * 50),
    judged: fc.boolean(),
  }),
  { maxLength: 80, size: "max" },
);

const spread = (probabilities: readonly number[]): QueuedPatch[] =>
  probabilities.map((probability, i) => ({ probability, case: `case ${i}`, x: 0, y: 0, judged: false }));

test("the most uncertain come first, by the logit's distance from the threshold's, also from a threshold far from 0.5", () => {
  const order = (threshold: number) =>
    nextToLabel(spread([0.5, 0.02, 0.999, 0.2, 0.11, 0]), { ...FREE, threshold }, stream()).map(({ patch }) => patch);
  assert.deepEqual(order(0.5), [0, 3, 4, 1, 2, 5]);
  // Logits: -2.2 at the threshold; 0, -3.9, 6.9, -1.4, -2.1 and -16.6.
  assert.deepEqual(order(0.1), [4, 3, 1, 0, 2, 5]);
});

test("a page keeps its limits, holds no judged patch and none twice, and depends on inputs and seed only", () => {
  let full = 0;
  fc.assert(
    fc.property(candidates, fc.integer({ min: 0, max: 30 }), (patches, before) => {
      const rules = { ...RULES, items: 12, before };
      const page = nextToLabel(patches, rules, stream(7));
      assert.deepEqual(nextToLabel(patches, rules, stream(7)), page);
      assert.equal(new Set(page.map(({ patch }) => patch)).size, page.length);
      assert.ok(page.length <= rules.items && page.every(({ patch }) => !patches[patch]!.judged));
      for (const [place, { patch, blind }] of page.entries()) {
        assert.equal(blind, (before + place) % 10 === 9);
        if (blind) continue;
        const own = patches[patch]!;
        if (own.case === "") continue;
        const others = page.filter((one) => {
          return one.patch !== patch && !one.blind && patches[one.patch]!.case === own.case;
        });
        assert.ok(others.length < rules.perCase);
        for (const other of others) {
          const { x, y } = patches[other.patch]!;
          if (x === undefined || own.x === undefined) continue;
          assert.ok(Math.max(Math.abs(x - own.x), Math.abs(y! - own.y!)) > 100, "neighbours");
        }
      }
      if (page.length === rules.items) full++;
    }),
    { seed: 20190218, numRuns: 80 },
  );
  assert.ok(full > 20, `${full} full pages`);
});

test("a page ends early only if no patch that is left keeps the limits", () => {
  const patches = Array.from({ length: 60 }, (_, i): QueuedPatch => {
    return { probability: 0.3 + i / 200, case: `case ${i % 2}`, x: 50 * i, y: 0, judged: false };
  });
  const page = nextToLabel(patches, RULES, stream());
  assert.equal(page.length, 6);
  for (const name of ["case 0", "case 1"]) {
    assert.equal(page.filter(({ patch }) => patches[patch]!.case === name).length, 3);
  }
  // Neighbours are 100 pixels apart at most: patches 0 and 2 are, 0 and 4 are not.
  const close = nextToLabel(patches, { ...RULES, perCase: 100 }, stream());
  assert.equal(close.length, 20);
  const even = close.map(({ patch }) => patch).filter((patch) => patch % 2 === 0);
  for (const a of even) for (const b of even) assert.ok(a === b || Math.abs(a - b) >= 4);
});

test("page by page every patch is judged, and each tenth item is blind", () => {
  let patches = Array.from({ length: 95 }, (_, i): QueuedPatch => {
    return { probability: (i % 19) / 19, case: `case ${i % 12}`, x: 50 * i, y: 0, judged: false };
  });
  let [before, blind] = [0, 0];
  while (patches.some(({ judged }) => !judged)) {
    const page = nextToLabel(patches, { ...RULES, items: 7, before }, stream(before));
    assert.ok(page.length > 0);
    const chosen = new Set(page.map(({ patch }) => patch));
    patches = patches.map((patch, i) => (chosen.has(i) ? { ...patch, judged: true } : patch));
    before += page.length;
    blind += page.filter((item) => item.blind).length;
  }
  assert.deepEqual([before, blind], [95, 9]);
});

test("blind items are drawn from all that are not judged, each with the same chance, whatever the limits", () => {
  const [times, count] = [4000, 20];
  const patches = Array.from({ length: count + 5 }, (_, i): QueuedPatch => {
    return { probability: i / 30, case: i < 15 ? "large" : `case ${i}`, x: 0, y: 0, judged: i >= count };
  });
  const found = new Array<number>(patches.length).fill(0);
  const random = stream(3);
  for (let time = 0; time < times; time++) {
    const [first] = nextToLabel(patches, { ...RULES, items: 1, before: 9 }, random);
    assert.equal(first!.blind, true);
    found[first!.patch]!++;
  }
  assert.deepEqual(found.slice(count), [0, 0, 0, 0, 0]);
  // Chi-squared with 19 degrees of freedom: above 43.8 with probability 0.001.
  const expected = times / count;
  const squares = found.slice(0, count).reduce((sum, one) => sum + (one - expected) ** 2 / expected, 0);
  assert.ok(squares < 43.8, `${squares}`);
  assert.ok(squares > 3, "too even to be random");
});

test("100,000 patches", (context) => {
  const random = stream(4);
  const patches = Array.from({ length: 100_000 }, (_, i): QueuedPatch => {
    return {
      probability: random.uniform(),
      case: `case ${i % 279}`,
      x: 50 * random.integer(60),
      y: 50 * random.integer(60),
      judged: false,
    };
  });
  const start = performance.now();
  assert.equal(nextToLabel(patches, { ...RULES, items: 60 }, random).length, 60);
  context.diagnostic(`a page in ${(performance.now() - start).toFixed(0)} ms`);
});

test("nothing is left, and what cannot be is refused", () => {
  assert.deepEqual(nextToLabel([], RULES, stream()), []);
  const judged = spread([0.2, 0.4]).map((patch) => ({ ...patch, judged: true }));
  assert.deepEqual(nextToLabel(judged, RULES, stream()), []);
  assert.throws(() => nextToLabel(spread([1.2]), RULES, stream()), refused("probability-invalid", "1.2"));
  assert.throws(() => nextToLabel([], { ...RULES, perCase: 0 }, stream()), refused("option-invalid", "per case is 0"));
  assert.throws(() => nextToLabel([], { ...RULES, before: -1 }, stream()), refused("option-invalid", "before is -1"));
  assert.throws(
    () => nextToLabel([], { ...RULES, side: 0 }, stream()),
    refused("option-invalid", "side of a patch is 0"),
  );
  assert.throws(() => nextToLabel([], { ...RULES, threshold: Number.NaN }, stream()), refused("option-invalid", "NaN"));
});
