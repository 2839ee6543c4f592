/** Batches: every patch once an epoch, sizes as equal as possible, an order that only the seed and the epoch decide. */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { epochBatches, epochSamples } from "../../src/histology/dataset/batches.ts";
import type { PatchRow } from "../../src/histology/dataset/patch_row.ts";
import { batchSizes } from "../../src/util/batch_sizes.ts";

test("16,632 patches at 32 are 512 batches of 32 and 8 of 31", () => {
  const sizes = batchSizes(16_632, 32);
  assert.equal(sizes.length, 520);
  assert.equal(sizes.filter((size) => size === 32).length, 512);
  assert.equal(sizes.filter((size) => size === 31).length, 8);
});

test("batches hold every patch once, are no larger than asked and differ by one at most", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 2000 }), fc.integer({ min: 1, max: 300 }), fc.nat(), (count, size, epoch) => {
      const indices = Array.from({ length: count }, (_, index) => index * 3 + 1);
      const batches = epochBatches(indices, size, { seed: 42, epoch });
      const sizes = batches.map((batch) => batch.length);
      assert.ok(Math.max(...sizes) <= size && Math.max(...sizes) - Math.min(...sizes) <= 1);
      assert.equal(batches.length, Math.ceil(count / size));
      assert.deepEqual(
        batches.flatMap((batch) => [...batch]).sort((a, b) => a - b),
        [...indices],
      );
    }),
    { seed: 1 },
  );
});

test("the order depends on seed and epoch alone", () => {
  const indices = Array.from({ length: 100 }, (_, index) => index);
  const order = (seed: number, epoch: number) =>
    epochBatches(indices, 10, { seed, epoch }).flatMap((batch) => [...batch]);
  assert.deepEqual(order(1, 0), order(1, 0));
  assert.notDeepEqual(order(1, 0), order(1, 1));
  assert.notDeepEqual(order(1, 0), order(2, 0));
});

const rows = [4, 36, 100].flatMap((count, index) =>
  Array.from({ length: count }, () => ({ caseId: String(index) }) as PatchRow),
);
const all = Uint32Array.from(rows.keys());

test("an epoch of patches shows each once", () => {
  const samples = epochSamples(rows, all, { sampling: "patches", seed: 1, epoch: 0 });
  assert.deepEqual(
    samples.map(({ index, repeat }) => [index, repeat]),
    Array.from(all, (index) => [index, 0]),
  );
});

test("an epoch of cases has as many samples, a case's share goes with the root of its size, its patches take turns", () => {
  const samples = epochSamples(rows, all, { sampling: "cases", seed: 1, epoch: 0 });
  const byCase = Map.groupBy(samples, ({ index }) => rows[index]!.caseId);
  // 140 samples in the proportion 2 : 6 : 10.
  assert.deepEqual(
    ["0", "1", "2"].map((caseId) => byCase.get(caseId)!.length),
    [16, 46, 78],
  );
  for (const own of byCase.values()) {
    const times = Map.groupBy(own, ({ index }) => index);
    for (const shown of times.values()) assert.deepEqual(shown.map(({ repeat }) => repeat).sort(), [...shown.keys()]);
    const counts = [...times.values()].map(({ length }) => length);
    assert.ok(own.length < times.size || Math.max(...counts) - Math.min(...counts) <= 1);
  }
  assert.equal(new Set(byCase.get("2")!.map(({ index }) => index)).size, 78);
  const next = epochSamples(rows, all, { sampling: "cases", seed: 1, epoch: 1 });
  assert.notDeepEqual(next, samples);
});
