/** What neighbours make of a patch's answer: by hand, and refused if it is no probability. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { withNeighbours } from "../../src/scoring/neighbours.ts";
import { UserError } from "../../src/util/errors.ts";

/** Own logit; sum and missing share of the edges; the same of the corners. */
const weightsOf = (...weights: number[]) => ({ neighbourhood: { reach: 1, weights, bias: 0.5 }, temperature: 2 });
/** Two patches beside each other, and a place without one. */
const PATCHES = Uint32Array.of(0, 1);
const LOGITS = Float32Array.of(1, 4, Number.NaN);
const neighbourOf = (index: number, columns: number, rows: number) => {
  const other = index + columns;
  return rows === 0 && (other === 0 || other === 1) ? other : undefined;
};

test("a patch's log odds are its own logit, its neighbours' and what is missing, weighted, over the temperature", () => {
  const found = withNeighbours(weightsOf(2, 1, 0.2, 7, 0.1), LOGITS, neighbourOf, PATCHES);
  const expected = [2 * 1 + 4 / 4 + 0.2 * 0.75 + 0.1 + 0.5, 2 * 4 + 1 / 4 + 0.2 * 0.75 + 0.1 + 0.5];
  assert.deepEqual(
    [...found],
    expected.map((logOdds) => Math.fround(1 / (1 + Math.exp(-logOdds / 2)))),
  );
});

test("weights that make no probability are refused, not taken for a patch that was not scored", () => {
  assert.throws(
    () =>
      withNeighbours(
        weightsOf(1e308, -1e308, 0, 0, 0),
        LOGITS.map((logit) => 100 * logit),
        neighbourOf,
        PATCHES,
      ),
    (error: unknown) => {
      assert.ok(error instanceof UserError);
      assert.match(error.message, /weights for neighbours give values that are no probabilities/);
      return true;
    },
  );
});
