/** The batches of an epoch: each patch with its record, target and weight, and the draws of its own named stream. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { drawMove, moveMatrix } from "../../src/histology/augmentation/geometry.ts";
import { drawJitter, jitterMatrix } from "../../src/histology/augmentation/stain.ts";
import { epochBatches } from "../../src/histology/dataset/batches.ts";
import type { Dataset } from "../../src/histology/dataset/dataset.ts";
import { RECORD_BYTES } from "../../src/histology/dataset/record.ts";
import { AUGMENTATIONS } from "../../src/options/training/augmentations.ts";
import { RandomStream } from "../../src/system/random.ts";
import { trainingBatches } from "../../src/workflows/training/batches.ts";

/** As much of a dataset as the batches ask for: record i is full of i, every third patch has IDC. */
const dataset = {
  rows: Array.from({ length: 40 }, (_, index) => ({ label: index % 3 === 0 ? 1 : 0 })),
  recordBytes: RECORD_BYTES,
  read: (index: number, into: Uint8Array, offset: number) => into.fill(index, offset, offset + RECORD_BYTES),
} as unknown as Dataset;
const [seed, epoch, batchSize] = [42, 3, 7];
const indices = Uint32Array.from({ length: 37 }, (_, place) => place + 3);

for (const augment of ["none", "geometry", "geometry+stain"] as const) {
  test(`batches with augmentation ${augment}`, () => {
    const options = { dataset, batchSize, ...AUGMENTATIONS[augment], classWeights: [1, 2.5], seed } as const;
    const batches = [...trainingBatches(options, indices, epoch)];
    const expected = epochBatches(indices, batchSize, { seed, epoch });
    assert.equal(batches.length, expected.length);
    for (const [position, batch] of batches.entries()) {
      const members = Array.from(expected[position]!);
      const idc = members.map((index) => index % 3 === 0);
      assert.deepEqual(
        Array.from(batch.images),
        members.flatMap((index) => new Array(RECORD_BYTES).fill(index)),
      );
      assert.deepEqual(
        Array.from(batch.targets),
        idc.flatMap((is) => (is ? [0, 1] : [1, 0])),
      );
      assert.deepEqual(
        Array.from(batch.weights),
        idc.map((is) => (is ? 2.5 : 1)),
      );
      // A stream gives the move's numbers first, then the stains', whichever are asked for.
      const streams = members.map((index) => new RandomStream(seed, "augment", epoch, index));
      const moves = streams.flatMap((stream) => moveMatrix(drawMove(stream)));
      const colours = streams.flatMap((stream) => jitterMatrix(drawJitter(stream)));
      assert.deepEqual(batch.moves, augment === "none" ? undefined : Float32Array.from(moves));
      assert.deepEqual(batch.colours, augment === "geometry+stain" ? Float32Array.from(colours) : undefined);
    }
  });
}
