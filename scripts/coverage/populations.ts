/** Populations of cases for which the true values are known. simulate.ts draws from them to test intervals. */
import type { RandomStream } from "../../src/system/random.ts";

/** The patches of some cases, with the probabilities of two models. */
export interface Drawn {
  readonly labels: Uint8Array;
  /** [n] The index of each patch's case. */
  readonly caseOf: Uint32Array;
  /** The probabilities of the positive class by two models, [n] each. */
  readonly answers: readonly [Float64Array, Float64Array];
}

export interface Population {
  readonly title: string;
  readonly threshold: number;
  /** Draws cases of the given sizes. */
  draw(sizes: readonly number[], stream: RandomStream): Drawn;
}

/**
 * A normal random-effects model of logits. Each case has its own share of positive patches and its own shift of each
 * class's mean.
 */
export interface RandomEffects {
  readonly title: string;
  /** The mean and the standard deviation over cases of the logit of the share of positive patches. */
  readonly prevalence: readonly [number, number];
  /**
   * Per class (positive, negative): the mean logit, the standard deviation within a case, and that of the case's shift.
   */
  readonly idc: readonly [mean: number, within: number, between: number];
  readonly none: readonly [mean: number, within: number, between: number];
  /** The correlation between a case's two shifts; 1 means a single common shift. */
  readonly correlation: number;
  readonly threshold: number;
  /** How much better the classes of a case are separated, per standard deviation of its log size. */
  readonly betterWithSize?: number;
  /** The factor by which shifts grow per standard deviation of log size. */
  readonly spreadWithSize?: number;
}

const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));

export function randomEffects(model: RandomEffects): Population {
  const { prevalence, idc, none, correlation, betterWithSize = 0, spreadWithSize = 1 } = model;
  return {
    title: model.title,
    threshold: model.threshold,
    draw(sizes, stream) {
      const places = standardLogs(sizes);
      return writtenOut(sizes, (index, size, write) => {
        const share = sigmoid(stream.normal(...prevalence));
        const [first, second] = [stream.normal(), stream.normal()];
        const factor = spreadWithSize ** places[index]!;
        const gain = betterWithSize * places[index]!;
        const ofIdc = factor * idc[2] * first + gain;
        const ofNone = factor * none[2] * (correlation * first + Math.sqrt(1 - correlation ** 2) * second) - gain;
        const other = stream.normal(0, 0.3);
        for (let i = 0; i < size; i++) {
          const label = stream.uniform() < share ? 1 : 0;
          const [mean, within] = label === 1 ? [idc[0] + ofIdc, idc[1]] : [none[0] + ofNone, none[1]];
          const logit = stream.normal(mean, within);
          // The second model gives nearly the same logits, plus its own noise per case and per patch.
          write(label, sigmoid(logit), sigmoid(0.95 * logit + other + stream.normal(0, 0.5)));
        }
      });
    },
  };
}

/** One real patch: its label and the probabilities of two models. */
export type RealPatch = readonly [label: number, first: number, second: number];

/**
 * Draws real cases with replacement. Each one fills a case of the required size with its own patches, also drawn with
 * replacement.
 */
export function realCases(title: string, cases: readonly (readonly RealPatch[])[], threshold: number): Population {
  return {
    title,
    threshold,
    draw: (sizes, stream) =>
      writtenOut(sizes, (_, size, write) => {
        const own = cases[stream.integer(cases.length)]!;
        for (let i = 0; i < size; i++) write(...own[stream.integer(own.length)]!);
      }),
  };
}

type Write = (label: number, first: number, second: number) => void;

function writtenOut(sizes: readonly number[], fill: (index: number, size: number, write: Write) => void): Drawn {
  const total = sizes.reduce((sum, size) => sum + size, 0);
  const [labels, caseOf] = [new Uint8Array(total), new Uint32Array(total)];
  const answers = [new Float64Array(total), new Float64Array(total)] as const;
  let patch = 0;
  for (const [index, size] of sizes.entries()) {
    fill(index, size, (label, first, second) => {
      labels[patch] = label;
      caseOf[patch] = index;
      answers[0][patch] = first;
      answers[1][patch] = second;
      patch++;
    });
  }
  return { labels, caseOf, answers };
}

/**
 * The standardized logarithms of the sizes: minus their mean, divided by their standard deviation; 0 if all sizes are
 * equal.
 */
function standardLogs(sizes: readonly number[]): number[] {
  const logs = sizes.map(Math.log);
  const mean = logs.reduce((sum, log) => sum + log, 0) / logs.length;
  const deviation = Math.sqrt(logs.reduce((sum, log) => sum + (log - mean) ** 2, 0) / logs.length);
  return logs.map((log) => (deviation < 1e-9 ? 0 : (log - mean) / deviation));
}

const LIKE_REAL = {
  prevalence: [-1.07, 1.2],
  idc: [0.5, 1.6, 0.55],
  none: [-3.6, 2, 1],
  correlation: 0.1,
  threshold: sigmoid(-0.95),
} as const;

/** The random-effects models. LIKE_REAL was fitted to the probabilities of the package's models on the test split. */
export const MODELS = {
  real: { title: "like the real results", ...LIKE_REAL },
  shared: {
    title: "one strong shift for both classes",
    prevalence: [-1.07, 1],
    idc: [1.2, 1, 0.7],
    none: [-1.2, 1, 0.7],
    correlation: 1,
    threshold: 0.5,
  },
  apart: {
    title: "independent shifts of the classes",
    prevalence: [-1.07, 1],
    idc: [1.2, 1, 0.5],
    none: [-1.2, 1, 0.5],
    correlation: 0,
    threshold: 0.5,
  },
  better: { title: "large cases are easier", ...LIKE_REAL, betterWithSize: 0.3 },
  wilder: { title: "large cases differ more", ...LIKE_REAL, spreadWithSize: Math.exp(0.25) },
} as const satisfies Record<string, RandomEffects>;
