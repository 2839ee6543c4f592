/** How often the interval of the share of wrong labels holds the truth. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { labelErrorRate } from "../../src/metrics/label_error_rate.ts";
import { verdictsOf } from "./verdicts.ts";

test("in simulations the interval holds the true share of wrong labels", (context) => {
  const times = 300;
  let held = 0;
  for (let seed = 0; seed < times; seed++) {
    const { all } = labelErrorRate(verdictsOf(1000 + seed, 40));
    if (all.low! <= 0.1 && 0.1 <= all.high!) held++;
  }
  context.diagnostic(`${held} of ${times}`);
  assert.ok(held / times > 0.9, `${held} of ${times}`);
});
