/** Arbitrary labelled probabilities for the property tests, and the comparison of numbers that may be undefined. */
import assert from "node:assert/strict";
import fc from "fast-check";

export const RUNS = { seed: 20190218, numRuns: 300 };

/** Scores are k / 64, so that 1 - p, p^3 and the sums of a few are exact; thresholds lie between two scores. */
const STEPS = 64;

export interface Sample {
  labels: number[];
  probabilities: number[];
  threshold: number;
}

/** 0 to 40 patches, with many ties and often one class only. */
export const samples: fc.Arbitrary<Sample> = fc
  .record({
    items: fc.array(fc.tuple(fc.constantFrom(0, 1), fc.integer({ min: 0, max: STEPS })), { maxLength: 40 }),
    step: fc.integer({ min: 0, max: STEPS - 1 }),
  })
  .map(({ items, step }) => ({
    labels: items.map(([label]) => label),
    probabilities: items.map(([, score]) => score / STEPS),
    threshold: (step + 0.5) / STEPS,
  }));

/** As `samples`, with at least one patch of each class. */
export const samplesOfBothClasses = samples.filter(({ labels }) => labels.includes(0) && labels.includes(1));

/** Asserts that both are null, or both are numbers no further apart than 1e-12. */
export function assertClose(actual: number | null, expected: number | null, what: string): void {
  if (actual === null || expected === null) {
    assert.equal(actual, expected, what);
  } else {
    assert.ok(Math.abs(actual - expected) <= 1e-12, `${what}: ${actual}, expected ${expected}`);
  }
}
