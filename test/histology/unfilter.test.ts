/** The kernel that reverses the filters of PNG rows, beside its plain twin. */
import assert from "node:assert/strict";
import { statSync } from "node:fs";
import { test } from "node:test";
import fc from "fast-check";
import { fastUnfilter } from "../../src/histology/image/fast_unfilter.ts";
import { unfilter } from "../../src/histology/image/unfilter.ts";

test("the built kernel is no older than its source", () => {
  const [built, source] = ["dist/histology/image/kernels.wasm", "src/histology/image/kernels/unfilter.ts"].map(
    (path) => statSync(new URL(`../../${path}`, import.meta.url)).mtimeMs,
  );
  assert.ok(source! <= built!, `unfilter.ts has changed: run "npm run build" first.`);
});

const pictures = fc
  .record({
    pixelBytes: fc.constantFrom(3 as const, 4 as const),
    width: fc.integer({ min: 1, max: 20 }),
    filters: fc.array(fc.integer({ min: 0, max: 4 }), { minLength: 1, maxLength: 12 }),
  })
  .chain((shape) => {
    const length = shape.filters.length * (1 + shape.width * shape.pixelBytes);
    // Zeros and extremes are frequent, so that distances tie and sums overflow.
    const byte = fc.oneof(fc.constantFrom(0, 1, 127, 128, 254, 255), fc.integer({ min: 0, max: 255 }));
    return fc.record({ shape: fc.constant(shape), bytes: fc.array(byte, { minLength: length, maxLength: length }) });
  });

test("the kernel gives the samples of its twin for every filter, one picture after the other", () => {
  fc.assert(
    fc.property(pictures, ({ shape: { pixelBytes, width, filters }, bytes }) => {
      const rows = Uint8Array.from(bytes);
      const rowBytes = width * pixelBytes;
      for (const [row, filter] of filters.entries()) rows[row * (1 + rowBytes)] = filter;
      const twin = unfilter(rows, rowBytes, pixelBytes)!;
      assert.deepEqual(fastUnfilter(rows, width, pixelBytes), Uint8Array.from(twin));
    }),
    { seed: 39, numRuns: 500 },
  );
});

test("a filter that does not exist gives nothing", () => {
  const rows = Uint8Array.of(1, 9, 9, 9, 5, 9, 9, 9);
  assert.equal(fastUnfilter(rows, 1, 3), undefined);
  assert.equal(unfilter(rows, 3, 3), undefined);
});

test("the largest plain pictures of extreme shapes fit, a larger one is refused", () => {
  for (const width of [1, 512, 512 * 512]) {
    const height = (512 * 512) / width;
    const rows = new Uint8Array(height * (1 + 4 * width)).fill(1);
    assert.deepEqual(fastUnfilter(rows, width, 4), Uint8Array.from(unfilter(rows, 4 * width, 4)!));
  }
  assert.throws(() => fastUnfilter(new Uint8Array(4 * 1024 * 1024 + 1), 1024 * 1024, 4), RangeError);
});
