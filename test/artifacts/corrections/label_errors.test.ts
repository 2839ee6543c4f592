/** The share of wrong labels from blind verdicts: its counts, its interval, and what does not count. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { labelErrors } from "../../../src/artifacts/corrections/label_errors.ts";
import { metricsWithIntervals } from "../../../src/metrics/intervals.ts";
import { blind, set, timed, undo } from "./support.ts";

/** Patch "7" is of case "1" and has IDC; ten cases of six patches. */
const patchOf = (id: string) =>
  Number(id) < 60 ? { caseId: String(Math.floor(Number(id) / 6)), label: (Number(id) % 2) as 0 | 1 } : undefined;

const right = (id: number) => (id % 2 === 1 ? "positive" : "negative");
const wrong = (id: number) => (id % 2 === 1 ? "negative" : "positive");

test("without a verdict there is no rate", () => {
  const entries = timed([set(1, ["1"], "negative"), blind(2, "3", "unsure"), blind(3, "99", "positive")]);
  assert.deepEqual(labelErrors(entries, patchOf), {
    judged: 0,
    wrong: 0,
    undecided: 1,
    rate: null,
    low: null,
    high: null,
  });
});

test("the rate is wrong verdicts over all verdicts, with the interval by case of 1 - accuracy", () => {
  const numbers = Array.from({ length: 50 }, (_, index) => index);
  const mistaken = [0, 1, 2, 13, 25];
  const entries = timed(
    numbers.map((id) => blind(id, String(id), (mistaken.includes(id) ? wrong : right)(id) as "positive" | "negative")),
  );
  const found = labelErrors(entries, patchOf);
  assert.deepEqual([found.judged, found.wrong, found.rate], [50, 5, 0.1]);
  const { accuracy } = metricsWithIntervals(
    {
      labels: numbers.map((id) => id % 2),
      probabilities: numbers.map((id) => (mistaken.includes(id) ? 1 - (id % 2) : id % 2)),
      cases: numbers.map((id) => String(Math.floor(id / 6))),
    },
    0.5,
  );
  assert.ok(Math.abs(found.low! - (1 - accuracy.high!)) < 1e-12 && Math.abs(found.high! - (1 - accuracy.low!)) < 1e-12);
  assert.ok(
    0 <= found.low! && found.low! < 0.1 && 0.1 < found.high! && found.high! < 0.5,
    `${found.low} to ${found.high}`,
  );
  const undone = labelErrors([...entries, ...timed([undo(100, 13)])], patchOf);
  assert.deepEqual([undone.judged, undone.wrong], [49, 4]);
});

test("without any wrong label the interval begins at 0 and does not end there", () => {
  const entries = timed(
    Array.from({ length: 40 }, (_, id) => blind(id, String(id), right(id) as "positive" | "negative")),
  );
  const { rate, low, high } = labelErrors(entries, patchOf);
  assert.deepEqual([rate, low], [0, 0]);
  assert.ok(high! > 0 && high! < 0.5, `${high}`);
});
