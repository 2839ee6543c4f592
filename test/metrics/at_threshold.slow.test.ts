/** How long the threshold slider takes per move, and how often its intervals of predictive values hold the truth. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { MODELS, randomEffects } from "../../scripts/coverage/populations.ts";
import { subsetSizes } from "../../scripts/coverage/sizes.ts";
import { estimatesByThreshold } from "../../src/metrics/at_threshold.ts";
import { predictiveValues } from "../../src/metrics/predictive_values.ts";
import { computeMetrics } from "../../src/metrics/table.ts";
import { RandomStream } from "../../src/system/random.ts";
import { clusteredSample } from "./clustered.ts";

/** A frame of a screen with 60 frames per second. */
const FRAME_MILLISECONDS = 16;

const MOVES = 100;

const REAL = randomEffects(MODELS.real);

function drawn(sizes: readonly number[], seed: number) {
  const { labels, caseOf, answers } = REAL.draw(sizes, new RandomStream(seed, "slider"));
  return { labels, probabilities: answers[0], cases: Array.from(caseOf, (index) => `case ${index}`) };
}

const SAMPLES = {
  "5,221 patches of 49 cases": () => drawn(subsetSizes(), 1),
  "55,000 patches of 275 cases": () => clusteredSample({ seed: 1, cases: 275, patchesPerCase: 200 }),
};

for (const [title, make] of Object.entries(SAMPLES)) {
  test(`a move of the slider takes less than a frame: ${title}, one prevalence`, (context) => {
    const at = estimatesByThreshold(make());
    const times: number[] = [];
    for (let move = 0; move < MOVES; move++) {
      const before = process.cpuUsage();
      const { predictive } = at((move + 0.5) / MOVES, [0.05]);
      const { user, system } = process.cpuUsage(before);
      times.push((user + system) / 1000);
      assert.equal(predictive.length, 1);
    }
    // The first moves include the compiler's work.
    const warm = times.slice(10).sort((a, b) => a - b);
    const [median, p95] = [warm[Math.floor(warm.length / 2)]!, warm[Math.floor(warm.length * 0.95)]!];
    context.diagnostic(
      `milliseconds of processor time: first ${times[0]}, median ${median}, p95 ${p95}, largest ${warm.at(-1)}`,
    );
    assert.ok(median < FRAME_MILLISECONDS, `${median} ms`);
  });
}

test("at the real sizes intervals of predictive values hold the truth", (context) => {
  const [times, prevalences] = [300, [0.02, 0.1, 0.5]];
  const population = drawn(new Array<number>(15_000).fill(100), 99);
  const { sensitivity, specificity } = computeMetrics(population.labels, population.probabilities, REAL.threshold);
  const held = prevalences.map(() => ({ ppv: 0, npv: 0 }));
  for (let seed = 0; seed < times; seed++) {
    const { predictive } = estimatesByThreshold(drawn(subsetSizes(), seed))(REAL.threshold, prevalences);
    for (const [i, row] of predictive.entries()) {
      const rates = { sensitivity: sensitivity.value!, specificity: specificity.value! };
      const truth = predictiveValues(rates, row.prevalence);
      for (const name of ["ppv", "npv"] as const) {
        if (row[name].low! <= truth[name]! && truth[name]! <= row[name].high!) held[i]![name]++;
      }
    }
  }
  for (const [i, found] of held.entries()) {
    context.diagnostic(`prevalence ${prevalences[i]}: PPV ${found.ppv / times}, NPV ${found.npv / times}`);
  }
  for (const { ppv, npv } of held) for (const count of [ppv, npv]) assert.ok(count / times > 0.9, `${count}`);
});
