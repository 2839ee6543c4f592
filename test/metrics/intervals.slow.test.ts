/** How often an interval of 95 % holds the truth with cases as unequal as the real ones, and how long intervals take on a release's test part. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { MODELS, randomEffects } from "../../scripts/coverage/populations.ts";
import { simulate } from "../../scripts/coverage/simulate.ts";
import { subsetSizes } from "../../scripts/coverage/sizes.ts";
import { caseSizesOf, effectiveNumber } from "../../src/metrics/clusters.ts";
import { metricsWithIntervals } from "../../src/metrics/intervals.ts";
import { METRIC_NAMES, type MetricName } from "../../src/metrics/table.ts";
import { clusteredSample } from "./clustered.ts";

/** Wide, as other work may share the processor. */
const MOST_SECONDS = 15;

const CHECKED: readonly MetricName[] = ["auroc", "balanced_accuracy", "sensitivity", "specificity", "brier"];
const TIMES = 150;

/** Coverage of .93, less two standard errors of so many simulations. */
const LEAST = 0.93 - 2 * Math.sqrt((0.93 * 0.07) / TIMES);

test("the sizes are those of the subset's 49 test cases", () => {
  const sizes = subsetSizes();
  assert.equal(sizes.length, 49);
  assert.equal(
    sizes.reduce((sum, size) => sum + size, 0),
    5221,
  );
  assert.ok(Math.abs(effectiveNumber(sizes) - 6.55) < 0.01);
  const names = sizes.flatMap((size, i) => new Array<string>(size).fill(String(i)));
  assert.ok(Math.abs(caseSizesOf(names)!.largest_share - 0.629) < 0.001);
});

for (const name of ["real", "shared"] as const) {
  test(`at the real sizes intervals hold the truth: ${MODELS[name].title}`, (context) => {
    const population = randomEffects(MODELS[name]);
    const found = simulate({
      population,
      sizes: subsetSizes(),
      times: TIMES,
      seed: 7,
      kinds: ["one model", "difference of two"],
    });
    for (const kind of ["one model", "difference of two"] as const) {
      context.diagnostic(`${kind}: ${CHECKED.map((one) => `${one} ${found[kind][one].held.toFixed(3)}`).join(", ")}`);
      for (const metric of CHECKED) {
        const { held, times } = found[kind][metric];
        assert.equal(times, TIMES, metric);
        assert.ok(held >= LEAST, `${kind}, ${metric}: ${held}`);
      }
    }
  });
}

test("single patches as cases hold the truth far less often than they say", () => {
  const truth = metricsWithIntervals(clusteredSample({ seed: 99, cases: 40_000, patchesPerCase: 10 }), 0.5);
  let held = 0;
  for (let seed = 0; seed < 100; seed++) {
    const sample = clusteredSample({ seed, cases: 60, patchesPerCase: 20 });
    const { low, high } = metricsWithIntervals({ ...sample, cases: sample.cases.map(() => "") }, 0.5).auroc;
    if (low! <= truth.auroc.value! && truth.auroc.value! <= high!) held++;
  }
  assert.ok(held < 80, `${held} of 100`);
});

test("every metric of 55,000 patches of 275 cases", (context) => {
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
