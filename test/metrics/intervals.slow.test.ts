/** How often an interval of 95 % holds the truth, and how long it takes on as many patches as the whole release has in a test part. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { metricsWithIntervals } from "../../src/metrics/intervals.ts";
import { METRIC_NAMES, type MetricName } from "../../src/metrics/table.ts";
import { clusteredSample } from "./clustered.ts";

/** Wide, as other work may share the processor. */
const MOST_SECONDS = 15;

const CHECKED: readonly MetricName[] = ["auroc", "accuracy", "sensitivity", "brier"];

test("on patches that cluster, resampled cases hold the truth nearly as often as they say, single patches do not", (context) => {
  const truth = metricsWithIntervals(clusteredSample({ seed: 99, cases: 40_000, patchesPerCase: 10 }), 0.5, {
    draws: 40,
  });
  const times = 200;
  const shareHeld = (named: boolean) => {
    let held = 0;
    for (let seed = 0; seed < times; seed++) {
      const sample = clusteredSample({ seed, cases: 150, patchesPerCase: 10 });
      const cases = named ? sample.cases : sample.cases.map(() => "");
      const found = metricsWithIntervals({ ...sample, cases }, 0.5, { draws: 200, seed });
      for (const name of CHECKED) {
        if (found[name].low! <= truth[name].value! && truth[name].value! <= found[name].high!) held++;
      }
    }
    return held / times / CHECKED.length;
  };
  const [byCase, byPatch] = [shareHeld(true), shareHeld(false)];
  context.diagnostic(`by case ${byCase.toFixed(3)}, by patch ${byPatch.toFixed(3)}`);
  assert.ok(byCase > 0.9 && byCase < 0.985, `by case ${byCase}`);
  assert.ok(byPatch < 0.85, `by patch ${byPatch}`);
});

test("every metric of 55,000 patches of 275 cases, 2,000 draws", (context) => {
  const sample = clusteredSample({ seed: 1, cases: 275, patchesPerCase: 200 });
  const before = process.cpuUsage();
  const found = metricsWithIntervals(sample, 0.5);
  const { user, system } = process.cpuUsage(before);
  const seconds = (user + system) / 1e6;
  context.diagnostic(`${seconds.toFixed(2)} s of processor time`);
  for (const name of METRIC_NAMES) {
    const { value, low, high } = found[name];
    assert.ok(low! < value! && value! < high!, name);
  }
  assert.ok(seconds < MOST_SECONDS, `${seconds} s of processor time, expected less than ${MOST_SECONDS}`);
});
