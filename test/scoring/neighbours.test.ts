/** What neighbours make of a patch's answer: by hand, and refused if it is no probability. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { sumVisited, type VisitNeighbours } from "../../src/histology/neighbourhood.ts";
import { withNeighbours } from "../../src/scoring/neighbours.ts";
import { UserError } from "../../src/util/errors.ts";
import { atOnce } from "../../src/util/turns.ts";

/** Own logit; the same by neighbours and one; mean of the neighbours. */
const weightsOf = (...weights: number[]) => ({ neighbourhood: { reach: 1, weights, bias: 0.5 }, temperature: 2 });
/** Two patches beside each other, and a place without one. */
const PATCHES = Uint32Array.of(0, 1);
const LOGITS = Float32Array.of(1, 4, Number.NaN);
const visitNeighbours: VisitNeighbours = (index, visit) => visit(1 - index, 1);

test("a patch's log odds are its own logit, and its neighbours' mean, weighted, over the temperature", () => {
  const found = atOnce(withNeighbours(weightsOf(2, 3, 1), LOGITS, sumVisited(LOGITS, 1, visitNeighbours), PATCHES));
  // One neighbour counts as two patches, of which the other one has log odds of 0.
  const expected = [2 * 1 + (3 * 1) / 2 + 4 / 2 + 0.5, 2 * 4 + (3 * 4) / 2 + 1 / 2 + 0.5];
  assert.deepEqual(
    [...found],
    expected.map((logOdds) => Math.fround(1 / (1 + Math.exp(-logOdds / 2)))),
  );
});

test("weights that make no probability are refused, not taken for a patch that was not scored", () => {
  const large = LOGITS.map((logit) => 100 * logit);
  const sumSquares = sumVisited(large, 1, visitNeighbours);
  assert.throws(
    () => atOnce(withNeighbours(weightsOf(1e308, -1e308, 0), large, sumSquares, PATCHES)),
    (error: unknown) => {
      assert.ok(error instanceof UserError);
      assert.match(error.message, /weights for neighbours give values that are no probabilities/);
      return true;
    },
  );
});
