/** The classifier: the same bits however many images it is given, by how many callers at once, on how many threads. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, test } from "node:test";
import { bundledModelPath } from "../../src/artifacts/bundled_models.ts";
import { divided } from "../../src/artifacts/model_parts.ts";
import { modelFileOf } from "../../src/artifacts/open_model.ts";
import { ownLane } from "../../src/engine/classification/block_model.ts";
import { type Classifier, classifierOn } from "../../src/engine/classification/classifier.ts";
import { IMAGES_PER_BLOCK } from "../../src/engine/classification/lanes.ts";
import { openBlockModel } from "../../src/engine/classification/node/open_block_model.ts";
import { openClassifier } from "../../src/engine/classification/node/open_classifier.ts";
import { RandomStream } from "../../src/system/random.ts";
import { refused } from "../support/refused.ts";
import { arrays, SIDE, smallModelFile } from "./small_model.ts";

const IMAGE_BYTES = SIDE * SIDE * 3;
/** More than run on the calling thread, and no whole number of blocks. */
const MANY = 5001;
const images = new RandomStream(1, "images").bytes(MANY * IMAGE_BYTES);

const opened: Classifier[] = [];
after(() => Promise.all(opened.map((classifier) => classifier.close())));

async function open(threads: number, changed = arrays): Promise<Classifier> {
  const classifier = await openClassifier({ onnx: smallModelFile({ changed }) }, SIDE, { threads });
  opened.push(classifier);
  return classifier;
}

/** Reads images from number `offset` on. */
const readerFrom = (offset: number) => (first: number, count: number, into: Uint8Array) => {
  into.set(images.subarray((offset + first) * IMAGE_BYTES, (offset + first + count) * IMAGE_BYTES));
};

test("an image has the same bits alone, among few and among many, on 1 to 3 threads, for callers at once", async () => {
  const few = await open(1);
  const expected: number[] = [];
  for (let first = 0; first < MANY; first += 100) {
    expected.push(...(await few.classify(Math.min(100, MANY - first), readerFrom(first))).probabilities);
  }
  assert.ok(new Set(expected).size > MANY / 2);
  for (const threads of [1, 2, 3]) {
    const classifier = await open(threads);
    const [all, again, one, another] = await Promise.all([
      classifier.classify(MANY, readerFrom(0)),
      classifier.classify(MANY, readerFrom(0)),
      classifier.classify(1, readerFrom(7)),
      classifier.classify(1, readerFrom(8)),
    ]);
    assert.deepEqual([...all.probabilities], expected);
    assert.deepEqual(again, all);
    assert.deepEqual([...one.probabilities, ...another.probabilities], expected.slice(7, 9));
    assert.deepEqual([...one.logits, ...another.logits], [...all.logits.subarray(7, 9)]);
    const { logits } = await classifier.classify(32, readerFrom(0));
    assert.deepEqual([...logits], [...all.logits.subarray(0, 32)]);
    assert.ok(all.logits.every((value, index) => Math.abs(1 / (1 + Math.exp(-value)) - expected[index]!) < 1e-6));
  }
});

test("an image of a bundled model has the same bits in a block of any size, on 1 and 2 threads", async () => {
  const side = 50;
  const patches = new RandomStream(2, "patches").bytes(IMAGES_PER_BLOCK * side * side * 3);
  for (const name of ["idc", "cancernet"]) {
    const file = modelFileOf(readFileSync(bundledModelPath(name)!), name);
    const parts = divided(file, file.bytes);
    assert.ok(parts.front);
    const expected: number[] = [];
    for (const threads of [1, 2]) {
      const classifier = await openClassifier(parts, side, { threads });
      opened.push(classifier);
      const from = (offset: number) => (first: number, count: number, into: Uint8Array) => {
        const start = (offset + first) * side * side * 3;
        into.set(patches.subarray(start, start + count * side * side * 3));
      };
      for (let image = expected.length; image < IMAGES_PER_BLOCK; image++) {
        expected.push((await classifier.classify(1, from(image))).logits[0]!);
      }
      assert.ok(new Set(expected).size > IMAGES_PER_BLOCK / 2);
      const asked = async (size: number) => {
        const { logits } = await classifier.classify(size, from(0));
        assert.deepEqual([...logits], expected.slice(0, size), `${name}, ${threads} threads, a block of ${size}`);
      };
      for (const size of [1, 2, 3, 4, 5, 8, 9, 12, 31, 32]) await asked(size);
      // After so many images, separate threads answer, and share out the images of a block.
      const many = await classifier.classify(5000, (first, count, into) => {
        for (let place = 0; place < count; place++) {
          const image = ((first + place) % IMAGES_PER_BLOCK) * side * side * 3;
          into.set(patches.subarray(image, image + side * side * 3), place * side * side * 3);
        }
      });
      assert.ok(many.logits.every((logit, index) => logit === expected[index % IMAGES_PER_BLOCK]));
      for (const size of [1, 2, 3, 17, 32]) await asked(size);
    }
  }
});

test("full blocks with black images give the answers of blocks of any size", async () => {
  const answers = [];
  for (const anyBlockSize of [true, false]) {
    const size = { imageSizePixels: SIDE, anyBlockSize };
    const model = await openBlockModel({ onnx: smallModelFile({ changed: arrays }) }, size, { threads: 1 });
    const lanes = ownLane(model, size);
    const classifier = classifierOn(
      () => lanes,
      () => lanes.close(),
    );
    opened.push(classifier);
    // A full block first, whose images and answers must not show in the next one.
    await classifier.classify(IMAGES_PER_BLOCK, readerFrom(100));
    answers.push(await classifier.classify(37, readerFrom(0)));
  }
  assert.equal(answers[0]!.logits.length, 37);
  assert.deepEqual(answers[0], answers[1]);
});

test("the reader is asked in order, one part at a time, and each answer is told once", async () => {
  const classifier = await open(2);
  // Once there were many images, two threads share out the images of a block.
  const parts = [
    { count: 0, part: 32 },
    { count: 33, part: 32 },
    { count: MANY, part: 32 },
    { count: 33, part: 17 },
    { count: 5, part: 3 },
  ];
  for (const { count, part } of parts) {
    const asked: number[] = [];
    const empty = () => new Float32Array(count).fill(Number.NaN);
    const told = { probabilities: empty(), logits: empty() };
    const done: number[] = [];
    let reading = false;
    const read = async (first: number, size: number, into: Uint8Array) => {
      assert.ok(!reading);
      reading = true;
      await new Promise((resolve) => setImmediate(resolve));
      asked.push(first);
      readerFrom(0)(first, size, into);
      reading = false;
    };
    const found = await classifier.classify(count, read, ({ first, probabilities, logits, done: now }) => {
      assert.equal(probabilities.length, logits.length);
      assert.ok(probabilities.every((_, place) => Number.isNaN(told.probabilities[first + place]!)));
      told.probabilities.set(probabilities, first);
      told.logits.set(logits, first);
      done.push(now);
    });
    assert.deepEqual(
      asked,
      asked.map((_, index) => index * part),
    );
    assert.deepEqual(told, { probabilities: found.probabilities, logits: found.logits });
    assert.equal(done.at(-1) ?? 0, count);
    assert.deepEqual(
      done,
      [...done].sort((a, b) => a - b),
    );
  }
});

test("what the reader or the listener throws ends the work, and the classifier goes on", async () => {
  const classifier = await open(2);
  for (const count of [100, MANY]) {
    const stop = new Error("stop");
    let reads = 0;
    const read = (first: number, size: number, into: Uint8Array) => {
      if (++reads === 3) throw stop;
      readerFrom(0)(first, size, into);
    };
    await assert.rejects(classifier.classify(count, read), stop);
    assert.equal(reads, 3);
    const listen = () => {
      throw stop;
    };
    await assert.rejects(classifier.classify(count, readerFrom(0), listen), stop);
    assert.equal((await classifier.classify(count, readerFrom(0))).logits.length, count);
  }
});

test("a model whose values are not probabilities is refused, on this thread and in threads", async () => {
  const broken = new Map(arrays);
  broken.set("dense1.bias", Float32Array.of(Number.NaN, 0));
  assert.equal(broken.size, arrays.size);
  const classifier = await open(2, broken);
  for (const count of [1, MANY]) {
    await assert.rejects(classifier.classify(count, readerFrom(0)), refused("model-failed", "not probabilities"));
  }
});
