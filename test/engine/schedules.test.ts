/** The learning-rate schedules against torch.optim.lr_scheduler, and what each promises for every length. */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import {
  SCHEDULE_NAMES,
  SCHEDULES,
  type ScheduleContext,
  type ScheduleName,
} from "../../src/engine/training/schedules.ts";
import { assertNear, readGolden } from "../golden/reference.ts";

interface Golden {
  readonly cases: {
    readonly name: string;
    readonly learningRate: number;
    readonly options: { decay?: number; stepSize?: number; gamma?: number; totalSteps?: number };
    readonly rates: number[];
  }[];
}

type Options = Golden["cases"][number]["options"];
type Length = Pick<ScheduleContext, "totalSteps" | "stepsPerEpoch" | "epochs">;

/** Each golden case as one of our schedules, and the length of training that gives its options. */
const CASES: Record<string, [ScheduleName, (options: Options, learningRate: number) => Partial<Length>]> = {
  constant: ["constant", () => ({})],
  // Ours takes decay = rate / epochs.
  inverseDecayOfTutorial: ["inverse-decay", ({ decay }, rate) => ({ epochs: rate / decay! })],
  inverseDecayStrong: ["inverse-decay", ({ decay }, rate) => ({ epochs: rate / decay! })],
  // Ours drops after each third of the epochs, here after each single one.
  step: ["step", ({ stepSize }) => ({ epochs: 3, stepsPerEpoch: stepSize! })],
  cosine: ["cosine", ({ totalSteps }) => ({ totalSteps: totalSteps! })],
  oneCycle: ["one-cycle", ({ totalSteps }) => ({ totalSteps: totalSteps! })],
  oneCycleOfOddLength: ["one-cycle", ({ totalSteps }) => ({ totalSteps: totalSteps! })],
};

const golden = readGolden<Golden>("schedules");

test("every golden case and every schedule has a row here", () => {
  assert.deepEqual(
    golden.cases.map(({ name }) => name),
    Object.keys(CASES),
  );
  assert.deepEqual([...new Set(Object.values(CASES).map(([name]) => name))].sort(), [...SCHEDULE_NAMES].sort());
});

for (const { name, learningRate, options, rates } of golden.cases) {
  test(`the rates of ${name} are PyTorch's`, () => {
    const [schedule, length] = CASES[name]!;
    const context = { learningRate, totalSteps: 50, stepsPerEpoch: 1, epochs: 50, ...length(options, learningRate) };
    for (const [step, expected] of rates.entries()) {
      const actual = SCHEDULES[schedule]({ ...context, step });
      // Our factor is .1, whatever PyTorch was given: the number of drops is compared.
      const drops = Math.round(Math.log(expected / learningRate) / Math.log(options.gamma ?? 0.1));
      const wanted = schedule === "step" ? learningRate * 0.1 ** drops : expected;
      assertNear(actual, wanted, 1e-12 * learningRate, `rate of step ${step}`);
    }
  });
}

const lengths = fc.record({
  learningRate: fc.double({ min: 1e-6, max: 10, noNaN: true }),
  epochs: fc.integer({ min: 1, max: 200 }),
  stepsPerEpoch: fc.integer({ min: 1, max: 50 }),
});

/** All rates of a training. */
function ratesOf(name: ScheduleName, length: { learningRate: number; epochs: number; stepsPerEpoch: number }) {
  const context = { ...length, totalSteps: length.epochs * length.stepsPerEpoch, step: 0 };
  const rates: number[] = [];
  for (; context.step < context.totalSteps; context.step++) rates.push(SCHEDULES[name](context));
  return rates;
}

for (const name of SCHEDULE_NAMES) {
  test(`${name}: every rate is positive, finite and at most the one that was chosen`, () => {
    fc.assert(
      fc.property(lengths, (length) => {
        const top = length.learningRate * (1 + 1e-12);
        return ratesOf(name, length).every((rate) => rate > 0 && rate <= top);
      }),
      { numRuns: 50 },
    );
  });

  test(`${name}: trainings of one, two and three steps have finite rates`, () => {
    for (const totalSteps of [1, 2, 3]) {
      for (let step = 0; step < totalSteps; step++) {
        for (const epochs of [1, totalSteps]) {
          const stepsPerEpoch = totalSteps / epochs;
          const rate = SCHEDULES[name]({ learningRate: 0.1, totalSteps, epochs, stepsPerEpoch, step });
          assert.ok(rate > 0 && rate <= 0.1, `step ${step} of ${totalSteps}: ${rate}`);
        }
      }
    }
  });

  if (name === "one-cycle") continue;
  test(`${name}: starts with the chosen rate and never rises`, () => {
    fc.assert(
      fc.property(lengths, (length) => {
        const rates = ratesOf(name, length);
        assert.equal(rates[0], length.learningRate);
        assert.ok(rates.every((rate, index) => index === 0 || rate <= rates[index - 1]!));
      }),
      { numRuns: 50 },
    );
  });
}

test("one-cycle: from 1/25 of the rate up to it at 30 % of the steps, then down to 1/250,000", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 60 }),
      fc.double({ min: 1e-6, max: 10, noNaN: true }),
      (tens, learningRate) => {
        const rates = ratesOf("one-cycle", { learningRate, epochs: tens, stepsPerEpoch: 10 });
        const top = 3 * tens - 1;
        assertNear(rates[0]!, learningRate / 25, 1e-12 * learningRate, "first rate");
        assertNear(rates[top]!, learningRate, 1e-12 * learningRate, "highest rate");
        assertNear(rates.at(-1)!, learningRate / 250_000, 1e-12 * learningRate, "last rate");
        for (const [step, rate] of rates.entries()) {
          if (step > 0) assert.ok(step <= top ? rate > rates[step - 1]! : rate < rates[step - 1]!, `step ${step}`);
        }
      },
    ),
    { numRuns: 50 },
  );
});

test("one-cycle: the last rate is 1/250,000 for every length, even one step", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 5000 }), (totalSteps) => {
      const context = { learningRate: 1, totalSteps, epochs: 1, stepsPerEpoch: totalSteps, step: totalSteps - 1 };
      assertNear(SCHEDULES["one-cycle"](context), 1 / 250_000, 1e-12, `last of ${totalSteps}`);
    }),
  );
});

test("cosine: half the rate in the middle, and next to nothing at the end", () => {
  const at = (step: number) =>
    SCHEDULES.cosine({ learningRate: 0.4, totalSteps: 1000, epochs: 10, stepsPerEpoch: 100, step });
  assertNear(at(500), 0.2, 1e-15, "middle");
  // 1 - cos(x) is about x^2 / 2.
  assertNear(at(999), (0.4 / 4) * (Math.PI / 1000) ** 2, 1e-11, "last");
});

test("step: a tenth after each third of the epochs, whatever their number is", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 400 }), fc.integer({ min: 1, max: 9 }), (thirds, stepsPerEpoch) => {
      const rates = ratesOf("step", { learningRate: 1, epochs: 3 * thirds, stepsPerEpoch });
      const drops = rates.flatMap((rate, step) => (step > 0 && rate < rates[step - 1]! ? [step] : []));
      assert.deepEqual(drops, [thirds * stepsPerEpoch, 2 * thirds * stepsPerEpoch]);
      assertNear(rates.at(-1)!, 0.01, 1e-15, "last rate");
    }),
    { numRuns: 50 },
  );
});
