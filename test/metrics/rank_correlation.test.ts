/** Rank correlation against scipy, and what holds of it: order alone counts, signs turn, a constant has none. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { rankCorrelation } from "../../src/metrics/rank_correlation.ts";
import { RandomStream } from "../../src/system/random.ts";
import { assertNear, readGolden } from "../golden/reference.ts";

interface Case {
  name: string;
  first: number[];
  second: number[];
  spearman: number;
}

for (const { name, first, second, spearman } of readGolden<{ rankCorrelations: Case[] }>("explanation")
  .rankCorrelations) {
  test(`scipy's rank correlation: ${name}`, () => {
    assertNear(rankCorrelation(first, second)!, spearman, 1e-9, name);
  });
}

test("it depends on the order alone, has no first and second, and changes its sign with a list", () => {
  const random = new RandomStream(3, "pairs");
  const [a, b] = [0, 1].map(() => Array.from({ length: 40 }, () => Math.round(random.normal() * 4))) as [
    number[],
    number[],
  ];
  const value = rankCorrelation(a, b)!;
  assert.ok(Math.abs(value) > 0.01 && Math.abs(value) < 1);
  assertNear(rankCorrelation(a.map(Math.exp), b)!, value, 1e-12, "after a rising map");
  assertNear(rankCorrelation(b, a)!, value, 1e-12, "exchanged");
  assertNear(
    rankCorrelation(
      a,
      b.map((one) => -one),
    )!,
    -value,
    1e-12,
    "with the other sign",
  );
  assertNear(rankCorrelation(a, a)!, 1, 1e-12, "with itself");
});

test("a list of one value ranks nothing, and lists of two lengths are refused", () => {
  assert.equal(rankCorrelation([1, 1, 1], [1, 2, 3]), null);
  assert.equal(rankCorrelation([], []), null);
  assert.throws(() => rankCorrelation([1], [1, 2]), /cannot be paired/);
});
