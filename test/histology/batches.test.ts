/** Batches: every patch once an epoch, sizes as equal as possible, an order that only the seed and the epoch decide. */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { epochBatches } from "../../src/histology/dataset/batches.ts";
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
      const indices = Uint32Array.from({ length: count }, (_, index) => index * 3 + 1);
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
  const indices = Uint32Array.from({ length: 100 }, (_, index) => index);
  const order = (seed: number, epoch: number) =>
    epochBatches(indices, 10, { seed, epoch }).flatMap((batch) => [...batch]);
  assert.deepEqual(order(1, 0), order(1, 0));
  assert.notDeepEqual(order(1, 0), order(1, 1));
  assert.notDeepEqual(order(1, 0), order(2, 0));
});
