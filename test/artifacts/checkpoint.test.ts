/** Checkpoints as bytes and as files: what was saved comes back, every changed byte is noticed, and the one before stays. */
import assert from "node:assert/strict";
import { hash } from "node:crypto";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import {
  type Checkpoint,
  CheckpointError,
  decodeCheckpoint,
  encodeCheckpoint,
} from "../../src/artifacts/checkpoint.ts";
import { openCheckpoints } from "../../src/artifacts/checkpoint_files.ts";
import { refused } from "../support/refused.ts";
import { checkpointBytes } from "./checkpoint_bytes.ts";

function checkpointAfter(steps: number): Checkpoint {
  const row = { epoch: 1, loss: 0.1 + 0.2, accuracy: 2 / 3, val_loss: 1e-300, val_accuracy: 1, val_auroc: 0.5 };
  return {
    facts: { model: "cancernet", seed: 42 },
    epoch: 1,
    inEpoch: { steps, images: 8 * steps, lossSum: Math.PI * steps, hits: 5 * steps },
    history: [{ ...row, learning_rate: 0.002 / 3 }],
    arrays: new Map([
      ["weight", Float32Array.of(1.5, -0, 1e-45, 3.4e38)],
      ["weight/moment", Float32Array.of(0.1)],
    ]),
  };
}

async function withFolder(work: (folder: string) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "cancernet checkpoint "));
  try {
    await work(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

test("a checkpoint comes back as it was, to the last bit", () => {
  const checkpoint = checkpointAfter(3);
  const back = decodeCheckpoint(encodeCheckpoint(checkpoint));
  assert.deepEqual(back, checkpoint);
  assert.ok(Object.is(back.arrays.get("weight")![1], -0));
});

test("the mean of the weights is saved and read with the arrays; without one the bytes are as before", () => {
  const tailMean = { start: 1, arrays: new Map([["weight", Float32Array.of(-0, 2 ** -149, 1 / 3, -3.4e38)]]) };
  const bytes = encodeCheckpoint({ ...checkpointAfter(3), tailMean });
  assert.deepEqual(decodeCheckpoint(bytes), { ...checkpointAfter(3), tailMean });
  const { arrays, ...content } = checkpointAfter(3);
  const without = encodeCheckpoint({ ...checkpointAfter(3), tailMean: undefined });
  assert.deepEqual(without, checkpointBytes(2, content, arrays));
});

test("a checkpoint of format 1, whose rows have other names, is read; what mixes the two formats is not", () => {
  const checkpoint = checkpointAfter(3);
  const { arrays, history, ...content } = checkpoint;
  const { val_loss, val_accuracy, val_auroc, learning_rate, ...row } = history[0]!;
  const earlier = {
    ...row,
    valLoss: val_loss,
    valAccuracy: val_accuracy,
    valAuroc: val_auroc,
    learningRate: learning_rate,
  };
  assert.deepEqual(decodeCheckpoint(checkpointBytes(1, { ...content, history: [earlier] }, arrays)), checkpoint);
  assert.deepEqual(decodeCheckpoint(checkpointBytes(2, { ...content, history }, arrays)), checkpoint);
  assert.throws(
    () => decodeCheckpoint(checkpointBytes(2, { ...content, history: [earlier] }, arrays)),
    CheckpointError,
  );
  assert.throws(() => decodeCheckpoint(checkpointBytes(1, content, arrays)), CheckpointError);
});

test("one changed byte anywhere, or a missing one, is noticed", () => {
  const bytes = encodeCheckpoint(checkpointAfter(3));
  for (let place = 0; place < bytes.length; place++) {
    for (const flip of [1, 0x80, 0xff]) {
      const changed = Uint8Array.from(bytes);
      changed[place]! ^= flip;
      assert.throws(() => decodeCheckpoint(changed), CheckpointError, `byte ${place}`);
    }
    assert.throws(() => decodeCheckpoint(bytes.subarray(0, place)), CheckpointError, `${place} bytes`);
  }
});

test("the newest checkpoint is taken; a damaged one is named, and the one before is taken", async () => {
  await withFolder(async (folder) => {
    const warnings: string[] = [];
    const open = () => openCheckpoints(folder, (line) => warnings.push(line));
    const { last, save } = await open();
    assert.equal(last, undefined);
    for (const steps of [1, 2, 3]) await save(checkpointAfter(steps));
    assert.deepEqual(readdirSync(folder).sort(), ["checkpoint-1.bin", "checkpoint-2.bin"]);
    assert.equal((await open()).last?.inEpoch.steps, 3);
    assert.deepEqual(warnings, []);

    const newest = join(folder, "checkpoint-1.bin");
    const bytes = readFileSync(newest);
    bytes[40]! ^= 1;
    writeFileSync(newest, bytes);
    const after = await open();
    assert.equal(after.last?.inEpoch.steps, 2);
    assert.equal(warnings.length, 1);
    assert.match(warnings[0]!, /checkpoint-1\.bin is damaged.*going on from.*checkpoint-2\.bin, epoch 2 after step 2/);

    // The next one is written over the damaged one, not over the only sound one.
    await after.save(checkpointAfter(9));
    writeFileSync(newest, "cut off");
    assert.equal((await open()).last?.inEpoch.steps, 2);

    writeFileSync(join(folder, "checkpoint-2.bin"), "");
    await assert.rejects(open(), refused("checkpoint-damaged"));
  });
});

test("a checkpoint of a later format is refused, not taken for damage", async () => {
  await withFolder(async (folder) => {
    const { save } = await openCheckpoints(folder, () => {});
    await save(checkpointAfter(1));
    const bytes = readFileSync(join(folder, "checkpoint-1.bin"));
    bytes.writeUInt32LE(3, 8);
    hash("sha256", bytes.subarray(0, -32), "buffer").copy(bytes, bytes.length - 32);
    writeFileSync(join(folder, "checkpoint-1.bin"), bytes);
    await assert.rejects(
      openCheckpoints(folder, () => {}),
      refused("checkpoint-other-format", "format 3, and this version reads 1 and 2"),
    );
  });
});
