/** Populations of cases with known truth, from which the simulation of intervals draws; the simulation itself is left to simulate.ts. */
import type { RandomStream } from "../../src/system/random.ts";

/** Patches of a few cases, answered by two models. */
export interface Drawn {
  readonly labels: Uint8Array;
  /** [n] which case */
  readonly caseOf: Uint32Array;
  /** Two models' probabilities of IDC. */
  readonly answers: readonly [Float64Array, Float64Array];
}

export interface Population {
  readonly title: string;
  readonly threshold: number;
  /** One draw of cases with these sizes. */
  draw(sizes: readonly number[], stream: RandomStream): Drawn;
}

/** A normal random-effects model of logits: each case has its own share of IDC and its own shift of either class's mean. */
export interface RandomEffects {
  readonly title: string;
  /** Mean and standard deviation over cases of the logit of the share of IDC. */
  readonly prevalence: readonly [number, number];
  /** By class (IDC, none): the mean logit, the standard deviation within a case, and that of the case's shift. */
  readonly idc: readonly [mean: number, within: number, between: number];
  readonly none: readonly [mean: number, within: number, between: number];
  /** The correlation of a case's two shifts: 1 if they are one shift. */
  readonly correlation: number;
  readonly threshold: number;
  /** How much better a case is told apart for each standard deviation of its log size. */
  readonly betterWithSize?: number;
  /** The factor by which shifts are larger for each standard deviation of log size. */
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
          // The second model sees nearly the same, with noise of its own by case and by patch.
          write(label, sigmoid(logit), sigmoid(0.95 * logit + other + stream.normal(0, 0.5)));
        }
      });
    },
  };
}

/** One real patch: its label and two models' probabilities. */
export type RealPatch = readonly [label: number, first: number, second: number];

/** Real cases drawn with replacement, each filling a case of the wanted size with its own patches, drawn with replacement. */
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

/** The logarithms of the sizes, less their mean, over their standard deviation; 0 if all are equal. */
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

/** The random-effects models; LIKE_REAL was fitted to the answers of the package's models on the test part. */
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
