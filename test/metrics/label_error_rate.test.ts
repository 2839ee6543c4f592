/** The share of wrong labels: against counts, against the intervals of metrics, and with no error at all. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { effectiveNumber } from "../../src/metrics/clusters.ts";
import { metricsWithIntervals } from "../../src/metrics/intervals.ts";
import { labelErrorRate, type Verdict } from "../../src/metrics/label_error_rate.ts";
import { RandomStream } from "../../src/system/random.ts";
import { assertNear } from "../golden/reference.ts";
import { verdictsOf } from "./verdicts.ts";

test("counts, and shares by label; unsure ones are counted and left out", () => {
  const rows = (label: 0 | 1, verdict: 0 | 1 | null, count: number) =>
    Array.from({ length: count }, (_, i): Verdict => ({ case: `case ${i % 4}`, label, verdict }));
  const verdicts = [...rows(1, 1, 15), ...rows(1, 0, 5), ...rows(0, 0, 29), ...rows(0, 1, 1), ...rows(1, null, 3)];
  const { all, none, idc, ...counts } = labelErrorRate(verdicts);
  assert.deepEqual(counts, { judged: 50, unsure: 3, wrong: 6 });
  assertNear(all.value!, 6 / 50, 1e-12, "all");
  assertNear(none.value!, 1 / 30, 1e-12, "none");
  assertNear(idc.value!, 5 / 20, 1e-12, "idc");
  for (const { value, low, high } of [all, none, idc])
    assert.ok(0 <= low! && low! < value! && value! < high! && high! < 1);
});

test("it is 1 minus the accuracy of the labels as answers to the verdicts", () => {
  const verdicts = verdictsOf(2, 30);
  const judged = verdicts.filter(({ verdict }) => verdict !== null);
  const { accuracy } = metricsWithIntervals(
    {
      labels: judged.map(({ verdict }) => verdict!),
      probabilities: judged.map(({ label }) => label),
      cases: judged.map((one) => one.case),
    },
    0.5,
  );
  const { all } = labelErrorRate(verdicts);
  assertNear(all.value!, 1 - accuracy.value!, 1e-12, "value");
  assertNear(all.low!, 1 - accuracy.high!, 1e-12, "low");
  assertNear(all.high!, 1 - accuracy.low!, 1e-12, "high");
});

test("the order of the verdicts plays no part, to the last bit", () => {
  const verdicts = verdictsOf(3, 25);
  assert.deepEqual(labelErrorRate(new RandomStream(3, "order").shuffle([...verdicts])), labelErrorRate(verdicts));
});

test("if all agree: from 0 to the bound of 0 in k cases, k being the effective number", () => {
  const sizes = [6, 3, 3, 1, 1];
  const verdicts = sizes.flatMap((size, i) =>
    new Array<Verdict>(size).fill({ case: `case ${i}`, label: 1, verdict: 1 }),
  );
  const { all, none, wrong } = labelErrorRate(verdicts);
  assert.deepEqual([all.value, all.low, wrong], [0, 0, 0]);
  assertNear(all.high!, 1 - 0.025 ** (1 / effectiveNumber(sizes)), 1e-12, "high");
  assert.deepEqual(none, { value: null, low: null, high: null });
  const contradicted = labelErrorRate(verdicts.map((one) => ({ ...one, verdict: 0 })));
  assert.deepEqual([contradicted.all.value, contradicted.all.high, contradicted.wrong], [1, 1, 14]);
});

test("no verdict has no value, one case no interval", () => {
  const nothing = { value: null, low: null, high: null };
  assert.deepEqual(labelErrorRate([]), { all: nothing, none: nothing, idc: nothing, judged: 0, unsure: 0, wrong: 0 });
  assert.deepEqual(labelErrorRate([{ case: "a", label: 1, verdict: null }]).unsure, 1);
  const one: Verdict[] = [0, 1, 1].map((verdict) => ({ case: "a", label: 1, verdict: verdict as 0 | 1 }));
  const { value, low, high } = labelErrorRate(one).all;
  assert.deepEqual([value, low, high], [1 - 2 / 3, null, null]);
});
