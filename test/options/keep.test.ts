/** Which epochs a training keeps: by hand for short histories, and properties of the tail for every length. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { bestByAuroc, keptOf, tailStart } from "../../src/options/training/keep.ts";
import { keptWords, keptWordsOf } from "../../src/reports/training/kept_text.ts";

const rowsOf = (...aurocs: number[]) => aurocs.map((val_auroc, place) => ({ epoch: place + 1, val_auroc }));

test("the tail is a fifth of the epochs, at least two, at most all; a longer training never has an earlier tail", () => {
  const starts = [1, 2, 3, 5, 10, 11, 15, 16, 20, 21, 40, 100].map((epochs) => [epochs, tailStart(epochs)]);
  assert.deepEqual(starts, [
    [1, 1],
    [2, 1],
    [3, 2],
    [5, 4],
    [10, 9],
    [11, 9],
    [15, 13],
    [16, 13],
    [20, 17],
    [21, 17],
    [40, 33],
    [100, 81],
  ]);
  for (let epochs = 1; epochs < 500; epochs++) {
    const step = tailStart(epochs + 1) - tailStart(epochs);
    assert.ok(step === 0 || step === 1, String(epochs));
  }
});

test("the best epoch is the first of the highest validation AUROC", () => {
  assert.equal(bestByAuroc(rowsOf(0.85, 0.92, 0.92))?.epoch, 2);
  assert.equal(bestByAuroc(rowsOf(Number.NaN, 0.5))?.epoch, 2);
  assert.equal(bestByAuroc(rowsOf(Number.NaN)), undefined);
});

test("what is kept, by rule, during and at the end of a training", () => {
  const rows = rowsOf(0.9, 0.8, 0.7);
  const best = { keep: "best", epochs: [1], val_auroc: 0.9 } as const;
  const last = { keep: "last", epochs: [3], val_auroc: 0.7 } as const;
  assert.deepEqual(keptOf(rows, { keep: "best", epochs: 3 }), best);
  assert.deepEqual(keptOf(rows, { keep: "last", epochs: 3 }), last);
  assert.deepEqual(keptOf(rows, { keep: "average", epochs: 4 }), last);
  const mean = { keep: "average", epochs: [2, 3], val_auroc: 0.95 } as const;
  assert.deepEqual(keptOf(rows, { keep: "average", epochs: 3 }, 0.95), mean);
  for (const keep of ["best", "last", "average"] as const) assert.equal(keptOf([], { keep, epochs: 3 }), undefined);
  assert.deepEqual(keptOf(rowsOf(Number.NaN), { keep: "last", epochs: 1 }), {
    keep: "last",
    epochs: [1],
    val_auroc: null,
  });
  assert.equal(keptWords(best), "epoch 1, the best AUROC on the validation split");
  assert.equal(keptWords(last), "epoch 3, the last");
  assert.equal(keptWords(mean), "the mean of the weights after epochs 2 to 3");
  assert.equal(keptWordsOf({ epoch: 3, mean_from: 2, kept: "average" }), keptWords(mean));
  assert.equal(keptWordsOf({ epoch: 3 }), "epoch 3");
  assert.equal(keptWordsOf({ epoch: null }), undefined);
});
