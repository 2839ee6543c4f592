/** Temperature scaling and reliability: scipy's temperatures, temperatures that are known, and what scaling may not change. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { fitTemperature, reliabilityBins, scaledProbability } from "../../src/metrics/calibration.ts";
import { CALIBRATION_BINS, calibrationError, logLoss } from "../../src/metrics/scoring_rules.ts";
import { tallyOf } from "../../src/metrics/tally.ts";
import { RandomStream } from "../../src/system/random.ts";
import { assertNear, readGolden } from "../golden/reference.ts";
import { assertClose, RUNS, samples, samplesOfBothClasses } from "./sample.ts";

interface Golden {
  cases: {
    name: string;
    labels: number[];
    probabilities: number[];
    madeWith: number | null;
    temperature: number;
    lossBefore: number;
    lossAfter: number;
    scaledBy2: number[];
    reliability: { share: number[]; meanProbability: number[] };
  }[];
}

const { cases } = readGolden<Golden>("calibration");

const lossOf = (labels: ArrayLike<number>, probabilities: ArrayLike<number>, temperature: number) =>
  logLoss(
    tallyOf(
      labels,
      Array.from(probabilities, (p) => scaledProbability(p, temperature)),
    ),
  )!;

test("the golden file holds the cases", () => assert.equal(cases.length, 6));

for (const { name, labels, probabilities, ...expected } of cases) {
  describe(`scipy and scikit-learn: ${name}`, () => {
    test("temperature, and the loss before and after", () => {
      const temperature = fitTemperature(labels, probabilities);
      assertNear(temperature, expected.temperature, 2e-6 * temperature, "temperature");
      assertNear(lossOf(labels, probabilities, 1), expected.lossBefore, 1e-12, "before");
      assertNear(lossOf(labels, probabilities, temperature), expected.lossAfter, 1e-12, "after");
      const { madeWith } = expected;
      if (madeWith !== null) assert.ok(temperature > madeWith / 1.25 && temperature < madeWith * 1.25);
    });

    test("scaled probabilities", () => {
      probabilities.forEach((p, i) => {
        assertNear(scaledProbability(p, 2), expected.scaledBy2[i]!, 1e-13, `patch ${i}`);
      });
    });

    test("reliability bins", () => {
      const filled = reliabilityBins(labels, probabilities).filter(({ patches }) => patches > 0);
      assert.equal(filled.length, expected.reliability.share.length);
      filled.forEach(({ share, meanProbability }, i) => {
        assertClose(share, expected.reliability.share[i]!, "share");
        assertClose(meanProbability, expected.reliability.meanProbability[i]!, "mean probability");
      });
    });
  });
}

test("probabilities scaled by a known temperature give that much more of it", () => {
  for (const { labels, probabilities } of cases) {
    const own = fitTemperature(labels, probabilities);
    // Held within the ends of the search, and, as "saturated" is held, scaled towards one half only.
    for (const known of [1.5, 4]) {
      const flattened = probabilities.map((p) => scaledProbability(p, known));
      assertNear(fitTemperature(labels, flattened), own / known, 1e-9 * own, `${own} / ${known}`);
    }
  }
});

test("labels drawn from the probabilities of 20,000 patches: T is near the one they were scaled by", () => {
  const stream = new RandomStream(3, "calibration");
  const truth = Array.from({ length: 20_000 }, () => stream.uniform());
  const labels = truth.map((p) => (stream.uniform() < p ? 1 : 0));
  for (const known of [0.5, 1, 2]) {
    const probabilities = Float32Array.from(truth, (p) => scaledProbability(p, 1 / known));
    assertNear(fitTemperature(labels, probabilities), known, 0.03 * known, `T ${known}`);
  }
});

test("at the temperature no other has a lower loss, so that it is never worse than 1", () => {
  fc.assert(
    fc.property(samplesOfBothClasses, fc.double({ min: 0.05, max: 20, noNaN: true }), (sample, other) => {
      const { labels, probabilities } = sample;
      const best = lossOf(labels, probabilities, fitTemperature(labels, probabilities));
      for (const tried of [1, other]) assert.ok(best <= lossOf(labels, probabilities, tried) + 1e-12, `T ${tried}`);
    }),
    RUNS,
  );
});

test("scaling keeps the order and one half, and 1 / T takes it back", () => {
  const probability = fc.double({ min: 2 ** -24, max: 1 - 2 ** -24, noNaN: true });
  fc.assert(
    fc.property(probability, probability, fc.double({ min: 0.05, max: 20, noNaN: true }), (p, q, temperature) => {
      const [a, b] = [scaledProbability(p, temperature), scaledProbability(q, temperature)];
      assert.ok(a >= 0 && a <= 1 && Math.sign(a - b) * Math.sign(p - q) >= 0);
      assert.equal(scaledProbability(0.5, temperature), 0.5);
      if (temperature >= 1) assertNear(scaledProbability(a, 1 / temperature), p, 1e-9, "back");
    }),
    RUNS,
  );
});

test("the temperature does not depend on the order of the patches, nor on which class is called 1", () => {
  fc.assert(
    fc.property(samplesOfBothClasses, ({ labels, probabilities }) => {
      const temperature = fitTemperature(labels, probabilities);
      assert.equal(fitTemperature(labels.toReversed(), probabilities.toReversed()), temperature);
      const swapped = fitTemperature(
        labels.map((label) => 1 - label),
        probabilities.map((p) => 1 - p),
      );
      assertNear(swapped, temperature, 1e-9 * temperature, "swapped");
    }),
    RUNS,
  );
});

test("where there is nothing to learn from T is 1, and it is held at its ends", () => {
  assert.equal(fitTemperature([], []), 1);
  assert.equal(fitTemperature([1, 1], [0.9, 0.2]), 1);
  assert.equal(fitTemperature([0, 0], [0, 1]), 1);
  assert.equal(fitTemperature([0, 1], [0.5, 0.5]), 1);
  assert.equal(fitTemperature([0, 0, 1], [0.4, 0.1, 0.6]), 0.05);
  assert.equal(fitTemperature([0, 0, 1], Float32Array.of(0, 0, 1)), 0.05);
  assert.equal(fitTemperature([0, 1], [0.9, 0.1]), 20);
});

test("probabilities of 0 and 1 give finite numbers: sure and wrong once in a hundred", () => {
  const labels = Array.from({ length: 200 }, (_, i) => i % 2);
  const probabilities = Float32Array.from(labels, (label, i) => (i < 2 ? 1 - label : label));
  const temperature = fitTemperature(labels, probabilities);
  // The best constant sureness is 99 %: 24 ln 2 / T = ln 99.
  assertNear(temperature, (24 * Math.LN2) / Math.log(99), 1e-9, "T");
  assertNear(scaledProbability(1, temperature), 0.99, 1e-12, "p");
});

test("bins hold every patch once, and their gaps are the calibration error", () => {
  fc.assert(
    fc.property(samples, ({ labels, probabilities }) => {
      const bins = reliabilityBins(labels, probabilities);
      assert.equal(bins.length, CALIBRATION_BINS);
      assert.equal(
        bins.reduce((sum, { patches }) => sum + patches, 0),
        labels.length,
      );
      if (labels.length === 0) return;
      const gaps = bins.map(({ patches, share, meanProbability }) => patches * Math.abs(share! - meanProbability!));
      const error = gaps.reduce((sum, gap) => sum + gap, 0) / labels.length;
      assertClose(error, calibrationError(tallyOf(labels, probabilities)), "calibration error");
      for (const { low, high, patches, meanProbability } of bins) {
        if (patches === 0) assert.equal(meanProbability, null);
        else assert.ok(meanProbability! >= low - 1e-12 && meanProbability! <= high + 1e-12);
      }
    }),
    RUNS,
  );
});
