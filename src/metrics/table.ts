/**
 * The table of metrics, one row each, and their values on a set of patches. The other files of this folder have the
 * formulas.
 */
import { auprc, auroc } from "./discrimination.ts";
import {
  auprcInfluence,
  aurocInfluence,
  balancedAccuracyInfluence,
  type Influence,
  mccInfluence,
  shareInfluence,
} from "./influence.ts";
import { accuracy, balancedAccuracy, f1, mcc, npv, ppv, sensitivity, specificity } from "./rates.ts";
import {
  brier,
  brierInfluence,
  calibrationError,
  calibrationErrorInfluence,
  logLoss,
  logLossInfluence,
} from "./scoring_rules.ts";
import { type Confusion, confusionOf, type Names, type Tally, tallyOf } from "./tally.ts";

/** The input of a metric: the patches counted by score, and their confusion counts at the threshold. */
export interface View {
  readonly tally: Tally;
  readonly threshold: number;
  readonly confusion: Confusion;
}

/** One row of the table. */
export interface Metric {
  /** The name for people. A metric of one class names the class IDC. */
  readonly title: string;
  /** The name for another positive class; absent if the title names no class. */
  titleOf?(positive: string): string;
  readonly higherIsBetter: boolean;
  /**
   * What the metric depends on: the order of the scores, which scores reach the threshold, or the values of the scores.
   */
  readonly needs: "ranking" | "threshold" | "probabilities";
  /** The lowest and the highest possible value. */
  readonly range: readonly [number, number];
  /** The condition under which `compute` returns null, as the end of a sentence. */
  readonly undefinedWhere: string;
  /**
   * The patches over which the metric is a mean, for its interval: those with IDC, those without, each class
   * separately, or all patches. With all patches, the fraction of IDC also varies by chance.
   */
  readonly over: "idc" | "none" | "both" | "all";
  /** The value, or null if it is undefined; never NaN. */
  compute(view: View): number | null;
  /** The influence of each patch; only called if the value is defined. */
  influence(view: View): Influence;
}

const UNIT = [0, 1] as const;
const RANKING = { higherIsBetter: true, needs: "ranking", range: UNIT } as const;
const RATE = { higherIsBetter: true, needs: "threshold", range: UNIT } as const;
const LOSS = { higherIsBetter: false, needs: "probabilities", range: UNIT } as const;

const NO_PATCHES = "there are no patches";
const NO_IDC = "no patch has IDC";
const ONE_CLASS = "only one class is present";

/** Every metric by its name in files. A new metric needs only a function and an entry here. */
export const METRICS = {
  auroc: {
    ...RANKING,
    title: "AUROC",
    undefinedWhere: ONE_CLASS,
    over: "both",
    compute: ({ tally }) => auroc(tally),
    influence: aurocInfluence,
  },
  auprc: {
    ...RANKING,
    title: "AUPRC (average precision)",
    undefinedWhere: NO_IDC,
    over: "all",
    compute: ({ tally }) => auprc(tally),
    influence: auprcInfluence,
  },
  accuracy: {
    ...RATE,
    title: "Accuracy",
    undefinedWhere: NO_PATCHES,
    over: "all",
    compute: ({ confusion }) => accuracy(confusion),
    influence: shareInfluence({ tp: 1, tn: 1 }, { tn: 1, fp: 1, fn: 1, tp: 1 }),
  },
  sensitivity: {
    ...RATE,
    title: "Sensitivity",
    undefinedWhere: NO_IDC,
    over: "idc",
    compute: ({ confusion }) => sensitivity(confusion),
    influence: shareInfluence({ tp: 1 }, { tp: 1, fn: 1 }),
  },
  specificity: {
    ...RATE,
    title: "Specificity",
    undefinedWhere: "every patch has IDC",
    over: "none",
    compute: ({ confusion }) => specificity(confusion),
    influence: shareInfluence({ tn: 1 }, { tn: 1, fp: 1 }),
  },
  balanced_accuracy: {
    ...RATE,
    title: "Balanced accuracy",
    undefinedWhere: ONE_CLASS,
    over: "both",
    compute: ({ confusion }) => balancedAccuracy(confusion),
    influence: balancedAccuracyInfluence,
  },
  ppv: {
    ...RATE,
    title: "PPV (precision)",
    undefinedWhere: "no patch is predicted to have IDC",
    over: "all",
    compute: ({ confusion }) => ppv(confusion),
    influence: shareInfluence({ tp: 1 }, { tp: 1, fp: 1 }),
  },
  npv: {
    ...RATE,
    title: "NPV",
    undefinedWhere: "every patch is predicted to have IDC",
    over: "all",
    compute: ({ confusion }) => npv(confusion),
    influence: shareInfluence({ tn: 1 }, { tn: 1, fn: 1 }),
  },
  f1: {
    ...RATE,
    title: "F1 (IDC class)",
    titleOf: (positive) => `F1 (${positive} class)`,
    undefinedWhere: "no patch has IDC and none is predicted to",
    over: "all",
    compute: ({ confusion }) => f1(confusion),
    influence: shareInfluence({ tp: 2 }, { tp: 2, fp: 1, fn: 1 }),
  },
  mcc: {
    ...RATE,
    title: "Matthews correlation",
    range: [-1, 1],
    undefinedWhere: "the labels or the predictions are all the same",
    over: "all",
    compute: ({ confusion }) => mcc(confusion),
    influence: mccInfluence,
  },
  brier: {
    ...LOSS,
    title: "Brier score",
    undefinedWhere: NO_PATCHES,
    over: "all",
    compute: ({ tally }) => brier(tally),
    influence: ({ tally }) => brierInfluence(tally),
  },
  log_loss: {
    ...LOSS,
    title: "Log loss",
    range: [0, Number.POSITIVE_INFINITY],
    undefinedWhere: NO_PATCHES,
    over: "all",
    compute: ({ tally }) => logLoss(tally),
    influence: ({ tally }) => logLossInfluence(tally),
  },
  calibration_error: {
    ...LOSS,
    title: "Expected calibration error",
    undefinedWhere: NO_PATCHES,
    over: "all",
    compute: ({ tally }) => calibrationError(tally),
    influence: ({ tally }) => calibrationErrorInfluence(tally),
  },
} satisfies Record<string, Metric>;

export type MetricName = keyof typeof METRICS;

/** The names of the metrics, in the table's order. */
export const METRIC_NAMES = Object.keys(METRICS) as MetricName[];

/** A metric's name for people. */
export function metricTitle(name: MetricName, positive: string): string {
  const metric: Metric = METRICS[name];
  return metric.titleOf?.(positive) ?? metric.title;
}

/** A metric's value, in an object that can also contain an interval; null if the metric is undefined. */
export interface MetricValue {
  readonly value: number | null;
}

/**
 * Every metric of the table.
 * @param labels [n] 1 for IDC, 0 for none
 * @param probabilities [n] the probability of IDC, from 0 to 1
 * @param threshold a patch is predicted positive if its probability >= threshold
 * @param names the class names for errors
 * @throws UserError if the lengths differ, a label is not 0 or 1, a probability is not from 0 to 1, or the threshold is
 * not a number.
 */
export function computeMetrics(
  labels: ArrayLike<number>,
  probabilities: ArrayLike<number>,
  threshold: number,
  names?: Names,
): Record<MetricName, MetricValue> {
  return metricsOf(viewOf(tallyOf(labels, probabilities, names), threshold));
}

/** The input of the metrics at a threshold. */
export function viewOf(tally: Tally, threshold: number): View {
  return { tally, threshold, confusion: confusionOf(tally, threshold) };
}

/** Every metric of a view. */
export function metricsOf(view: View): Record<MetricName, MetricValue> {
  const values = METRIC_NAMES.map((name) => [name, { value: METRICS[name].compute(view) }]);
  return Object.fromEntries(values) as Record<MetricName, MetricValue>;
}
