/** The door to HDF5: every float type that Keras saves gives numpy's numbers; what is not a float is refused. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { withHdf5 } from "../../../src/engine/keras/hdf5.ts";
import { fromFloat16, toFloat16 } from "../../../src/util/float16.ts";
import { readGolden } from "../../golden/reference.ts";

const golden = readGolden<{ file: string; values: Record<string, number[]> }>("hdf5_floats");

test("float16, float32 and float64 of either byte order, and Keras's bfloat16, are numpy's numbers", async () => {
  const found = await withHdf5(new Uint8Array(Buffer.from(golden.file, "base64")), (file) =>
    file.names("").map((name) => [name, [...file.array(name).read()]] as const),
  );
  assert.equal(found.length, 8);
  for (const [name, values] of found)
    assert.deepEqual(
      values.map((value) => value + 0),
      golden.values[name]!.map(Math.fround),
      name,
    );
});

test("all 65,536 float16 numbers come back as they were, and lie in order", () => {
  const bits = Uint16Array.from({ length: 65536 }, (_, i) => i);
  const values = fromFloat16(bits);
  const back = toFloat16(values);
  for (const [i, value] of values.entries()) if (!Number.isNaN(value)) assert.equal(back[i], i);
  for (let i = 1; i <= 0x7c00; i++) assert.ok(values[i]! > values[i - 1]!, `${i}`);
  assert.equal(values[0x3c00], 1);
  assert.equal(values[0x7c00], Number.POSITIVE_INFINITY);
  assert.deepEqual(
    [...fromFloat16(toFloat16(Float32Array.of(1 / 3, 65519, 65520, 2049)))],
    [0.333251953125, 65504, Infinity, 2048],
  );
});
