/** Suspected labels against the paper's formulas (golden/suspected_labels.py), and on labels that were flipped. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { type SuspectedLabels, suspectedLabels } from "../../src/metrics/suspected_labels.ts";
import { RandomStream } from "../../src/system/random.ts";
import { assertNear, readGolden } from "../golden/reference.ts";
import { refused } from "../support/refused.ts";

type Expected = Omit<SuspectedLabels, "margins" | "suspected"> & { margins: number[]; suspected: number[] };

const golden = readGolden<{ samples: (Expected & { name: string; labels: number[]; probabilities: number[] })[] }>(
  "suspected_labels",
);

test("the golden file holds the samples, with suspects of both labels", () => {
  assert.equal(golden.samples.length, 6);
  const counts = golden.samples.map((sample) => sample.counts);
  assert.ok(counts.filter(({ none, idc }) => none > 0 && idc > 0).length >= 3);
});

for (const { name, labels, probabilities, ...expected } of golden.samples) {
  test(`the paper's formulas: ${name}`, () => {
    const found = suspectedLabels(labels, probabilities);
    assert.deepEqual([...found.suspected], expected.suspected);
    assert.deepEqual(found.counts, expected.counts);
    for (const label of ["none", "idc"] as const) {
      assertNear(found.thresholds[label], expected.thresholds[label], 1e-12, label);
      assertNear(found.estimated[label], expected.estimated[label], 1e-9, label);
    }
    for (const [patch, margin] of expected.margins.entries())
      assertNear(found.margins[patch]!, margin, 1e-12, "margin");
  });
}

/** A good model's probabilities, and labels of which some were flipped. */
function flipped(seed: number, shares: readonly [none: number, idc: number]) {
  const stream = new RandomStream(seed, "flips");
  const [labels, probabilities, wrong]: [number[], number[], Set<number>] = [[], [], new Set()];
  for (let patch = 0; patch < 2000; patch++) {
    const truth = Number(stream.uniform() < 0.3);
    probabilities.push(1 / (1 + Math.exp(-stream.normal(truth === 1 ? 4 : -4, 1.5))));
    const flip = stream.uniform() < shares[truth as 0 | 1];
    labels.push(flip ? 1 - truth : truth);
    if (flip) wrong.add(patch);
  }
  return { labels, probabilities, wrong };
}

test("flipped labels are found, and little else; the estimated numbers are near the true ones", () => {
  for (const [seed, shares] of [
    [1, [0.05, 0.1]],
    [2, [0, 0.2]],
    [3, [0.1, 0]],
  ] as const) {
    const { labels, probabilities, wrong } = flipped(seed, shares);
    const { suspected, estimated, margins } = suspectedLabels(labels, probabilities);
    const found = suspected.filter((patch) => wrong.has(patch)).length;
    // A class's threshold is a mean, so some flipped patches are below it. Sorted by margin, they still come first.
    assert.ok(found / wrong.size > 0.6, `found ${found} of ${wrong.size}`);
    const first = [...margins.keys()].sort((a, b) => margins[a]! - margins[b]!).slice(0, wrong.size);
    const among = first.filter((patch) => wrong.has(patch)).length;
    assert.ok(among / wrong.size > 0.95, `${among} of ${wrong.size} come first`);
    assert.ok(found / suspected.length > 0.9, `${found} right of ${suspected.length} suspected`);
    for (const [name, label] of [
      ["none", 0],
      ["idc", 1],
    ] as const) {
      const actual = [...wrong].filter((patch) => labels[patch] === label).length;
      assert.ok(Math.abs(estimated[name] - actual) < 0.35 * actual + 5, `${name}: ${estimated[name]} for ${actual}`);
    }
    for (let i = 1; i < suspected.length; i++) assert.ok(margins[suspected[i - 1]!]! <= margins[suspected[i]!]!);
  }
});

test("under the paper's ideal condition the flipped labels are found exactly, and so are their numbers (theorem 1)", () => {
  const { labels, wrong } = flipped(5, [0.1, 0.2]);
  const truths = labels.map((label, patch) => (wrong.has(patch) ? 1 - label : label));
  // The ideal probability is the share of the label IDC among the patches of a true class.
  const shares = [0, 1].map((truth) => {
    const own = labels.filter((_, patch) => truths[patch] === truth);
    return own.filter((label) => label === 1).length / own.length;
  });
  const { suspected, estimated } = suspectedLabels(
    labels,
    truths.map((truth) => shares[truth]!),
  );
  assert.deepEqual(new Set(suspected), wrong);
  const flips = [0, 1].map((label) => [...wrong].filter((patch) => labels[patch] === label).length);
  assertNear(estimated.none, flips[0]!, 1e-9, "none");
  assertNear(estimated.idc, flips[1]!, 1e-9, "idc");
});

test("nothing is suspected where the probabilities are the labels", () => {
  const labels = [0, 1, 0, 1, 1];
  const { suspected, estimated, thresholds } = suspectedLabels(labels, labels);
  assert.deepEqual([suspected.length, estimated, thresholds], [0, { none: 0, idc: 0 }, { none: 1, idc: 1 }]);
});

test("the order of the patches plays no part, and swapping the classes swaps the numbers", () => {
  const { labels, probabilities } = flipped(4, [0.1, 0.1]);
  const found = suspectedLabels(labels, probabilities);
  const order = new RandomStream(4, "order").shuffle([...labels.keys()]);
  const shuffled = suspectedLabels(
    order.map((patch) => labels[patch]!),
    order.map((patch) => probabilities[patch]!),
  );
  assert.deepEqual(
    [...shuffled.suspected].map((place) => order[place]!),
    [...found.suspected],
  );
  assert.deepEqual([shuffled.thresholds, shuffled.estimated], [found.thresholds, found.estimated]);
  const swapped = suspectedLabels(
    labels.map((label) => 1 - label),
    probabilities.map((p) => 1 - p),
  );
  assert.deepEqual(swapped.counts, { none: found.counts.idc, idc: found.counts.none });
});

test("equal probabilities: a mean that rounds above all of them leaves no class without confident patches", () => {
  const labels = [1, 1, 1, 0];
  const { estimated, counts } = suspectedLabels(labels, [0.1, 0.1, 0.1, 0.1]);
  assert.deepEqual(counts, { none: 0, idc: 3 });
  assert.deepEqual(estimated, { none: 0, idc: 3 });
});

test("one class alone and wrong patches are refused", () => {
  assert.throws(() => suspectedLabels([0, 0], [0.1, 0.2]), refused("class-missing", "both"));
  assert.throws(() => suspectedLabels([0, 1], [0.1]), refused("data-mismatch", "2 labels"));
});
