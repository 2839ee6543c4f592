/** The exported graph: eight views make it blind to turns and flips, and a temperature divides the logits. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { amendOnnx, onnxMetadata } from "../../src/engine/graph/onnx.ts";
import { LOGIT_SCALE, PATCHES, PROBABILITY } from "../../src/engine/models/inference.ts";
import { Session } from "../../src/engine/runtime/session.ts";
import { RandomStream } from "../../src/util/random.ts";
import { SIDE, smallModelFile } from "./small_model.ts";

const image = new RandomStream(1, "image").bytes(SIDE * SIDE * 3);

/** The image whose pixel (row, column) is the given one of the original. */
const moved = (source: (row: number, column: number) => [number, number]): Uint8Array =>
  image.map((_, index) => {
    const [row, column] = source(Math.floor(index / (3 * SIDE)), Math.floor(index / 3) % SIDE);
    return image[(row * SIDE + column) * 3 + (index % 3)]!;
  });
const LAST = SIDE - 1;
const VIEWS = [
  moved((row, column) => [row, column]),
  moved((row, column) => [row, LAST - column]),
  moved((row, column) => [LAST - row, column]),
  moved((row, column) => [LAST - row, LAST - column]),
  moved((row, column) => [column, row]),
  moved((row, column) => [column, LAST - row]),
  moved((row, column) => [LAST - column, row]),
  moved((row, column) => [LAST - column, LAST - row]),
];

async function probabilities(bytes: Uint8Array): Promise<number[]> {
  const session = await Session.fromBytes(bytes, { threads: 1 });
  const data = Buffer.concat(VIEWS);
  const result = await session.run({ [PATCHES]: { data, shape: [VIEWS.length, SIDE, SIDE, 3] } });
  await session.close();
  return [...(result[PROBABILITY]!.data as Float32Array)];
}

const logit = (p: number) => Math.log(p / (1 - p));

test("with eight views every flip and turn has the same probability: that of the mean logit", async () => {
  const single = await probabilities(smallModelFile());
  assert.ok(Math.max(...single) - Math.min(...single) > 1e-3);
  const mean = single.map(logit).reduce((sum, one) => sum + one, 0) / 8;
  for (const probability of await probabilities(smallModelFile({ views: 8 })))
    assert.ok(Math.abs(logit(probability) - mean) < 1e-5);
});

test("an amended temperature divides the logits, and metadata is replaced by key", async () => {
  const before = await probabilities(smallModelFile());
  const plain = smallModelFile({ metadata: { a: "1", b: "2" } });
  const changed = new Map([[LOGIT_SCALE, Float32Array.of(0.5)]]);
  const amended = amendOnnx(plain, { arrays: changed, metadata: { b: "3", c: "4" } });
  assert.deepEqual(onnxMetadata(amended), { a: "1", b: "3", c: "4" });
  const after = await probabilities(amended);
  after.forEach((probability, index) => {
    assert.ok(Math.abs(logit(probability) - logit(before[index]!) / 2) < 1e-5);
  });
  const wrong = new Map([["nothing", Float32Array.of(1)]]);
  assert.throws(() => amendOnnx(plain, { arrays: wrong, metadata: {} }), /no array "nothing"/);
});
