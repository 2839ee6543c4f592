/** The mean of the weights over the last epochs: against sums in double precision, and what raising the epochs allows. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Position, TailMean } from "../../src/artifacts/checkpoint.ts";
import { modelFor } from "../../src/engine/models/table.ts";
import { initialize } from "../../src/engine/nn/initialize.ts";
import { parametersOf } from "../../src/engine/nn/model.ts";
import { EPOCH_START } from "../../src/engine/training/loop.ts";
import { tailStart } from "../../src/options/training/keep.ts";
import { tailMeanAfter, tailMeanFor } from "../../src/workflows/training/tail_mean.ts";
import { refused } from "../support/refused.ts";

const model = modelFor("compact", 48);
const stateAfter = (epoch: number) => initialize(model, epoch);

/** The mean after each epoch of a training. */
function meanAfter(last: number, epochs: number): TailMean | undefined {
  let mean: TailMean | undefined;
  for (let epoch = Math.min(last, tailStart(epochs) - 1); epoch <= last; epoch++) {
    mean = tailMeanAfter(epoch, { before: mean, arrays: stateAfter(epoch), model }, { keep: "average", epochs });
  }
  return mean;
}

test("the mean of epochs 17 to 20 of 20: their sum divided by four, of the weights alone", () => {
  assert.equal(meanAfter(16, 20), undefined);
  const { start, arrays } = meanAfter(20, 20)!;
  assert.equal(start, 17);
  const weights = parametersOf(model).filter(({ role }) => role === "weight");
  assert.deepEqual(
    [...arrays.keys()],
    weights.map(({ name }) => name),
  );
  const states = [17, 18, 19, 20].map(stateAfter);
  for (const [name, mean] of arrays) {
    const [a, b, c, d] = states.map((state) => state.get(name)!);
    const errors = mean.map((value, place) =>
      Math.abs(value - (a![place]! + b![place]! + c![place]! + d![place]!) / 4),
    );
    assert.ok(
      errors.every((error) => error < 1e-7),
      name,
    );
  }
  for (const [name, first] of meanAfter(17, 20)!.arrays) assert.deepEqual(first, stateAfter(17).get(name));
});

test("the other rules need no mean", () => {
  for (const keep of ["best", "last"] as const) {
    const rule = { keep, epochs: 3 };
    assert.equal(tailMeanAfter(3, { before: undefined, arrays: stateAfter(3), model }, rule), undefined);
    assert.equal(tailMeanFor({ epoch: 3, inEpoch: EPOCH_START, history: [] }, rule), undefined);
  }
});

test("more epochs: the mean goes on, begins later, or is refused if it holds epochs that it must not hold", () => {
  const position: Position = { epoch: 10, inEpoch: EPOCH_START, history: [], tailMean: meanAfter(10, 10) };
  const at = (epochs: number) => tailMeanFor(position, { keep: "average", epochs });
  assert.equal(at(10), position.tailMean);
  assert.equal(at(11), position.tailMean);
  assert.throws(
    () => at(12),
    refused(
      "run-mismatch",
      /^--epochs is 12, .* from epoch 10 on, but .* from epoch 9 on: raise --epochs to at least 13, /,
    ),
  );
  for (const epochs of [13, 20, 1000]) assert.equal(at(epochs), undefined);
});
