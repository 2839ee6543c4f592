/** What each patch contributes to a metric: its derivative by the patch's weight, and that all contributions cancel. */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { METRIC_NAMES, METRICS, type MetricName, viewOf } from "../../src/metrics/table.ts";
import type { Tally } from "../../src/metrics/tally.ts";
import { tallyOf } from "../../src/metrics/tally.ts";
import { RUNS, samplesOfBothClasses } from "./sample.ts";

const STEP = 1e-4;

/** The tally with a little more of one class at one score. */
function with1(tally: Tally, place: number, label: 0 | 1, step: number): Tally {
  const [positives, negatives] = [tally.positives.slice(), tally.negatives.slice()];
  (label === 1 ? positives : negatives)[place]! += step;
  return {
    scores: tally.scores,
    positives,
    negatives,
    positiveCount: tally.positiveCount + (label === 1 ? step : 0),
    negativeCount: tally.negativeCount + (label === 0 ? step : 0),
  };
}

test("an influence is the derivative of the metric by the weight of a patch", () => {
  const seen = new Set<MetricName>();
  fc.assert(
    fc.property(samplesOfBothClasses, ({ labels, probabilities, threshold }) => {
      const tally = tallyOf(labels, probabilities);
      const view = viewOf(tally, threshold);
      for (const name of METRIC_NAMES) {
        if (METRICS[name].compute(view) === null) continue;
        const influence = METRICS[name].influence(view);
        for (const label of [0, 1] as const) {
          for (const [place, there] of (label === 1 ? tally.positives : tally.negatives).entries()) {
            // The calibration error has a corner if a bin's gap is 0, and losses are no concern of patches that are not there.
            if (there === 0) continue;
            const at = (step: number) => METRICS[name].compute(viewOf(with1(tally, place, label, step), threshold))!;
            const [up, here, down] = [at(STEP), at(0), at(-STEP)];
            if (name === "calibration_error" && Math.abs(up - 2 * here + down) > 1e-6) continue;
            const found = (label === 1 ? influence.ofPositive : influence.ofNegative)[place]!;
            assert.ok(
              Math.abs(found - (up - down) / (2 * STEP)) < 1e-5,
              `${name}: ${found}, expected ${(up - down) / (2 * STEP)}`,
            );
            seen.add(name);
          }
        }
      }
    }),
    { ...RUNS, numRuns: 40 },
  );
  assert.equal(seen.size, METRIC_NAMES.length);
});

test("the contributions of all patches cancel", () => {
  fc.assert(
    fc.property(samplesOfBothClasses, ({ labels, probabilities, threshold }) => {
      const view = viewOf(tallyOf(labels, probabilities), threshold);
      for (const name of METRIC_NAMES) {
        if (METRICS[name].compute(view) === null) continue;
        const { ofPositive, ofNegative } = METRICS[name].influence(view);
        const { positives, negatives } = view.tally;
        const sum = ofPositive.reduce((sum, one, i) => sum + one * positives[i]! + ofNegative[i]! * negatives[i]!, 0);
        assert.ok(Math.abs(sum) < 1e-9, `${name}: ${sum}`);
      }
    }),
    RUNS,
  );
});
