/**
 * Fits the probe: a logistic regression on the features of the training split. Its penalty is chosen on the validation
 * split.
 */
import { setImmediate } from "node:timers/promises";
import { auroc } from "../../metrics/discrimination.ts";
import { type LogisticModel, logisticSteps } from "../../metrics/logistic_regression.ts";
import { type Standardization, standardizationOf, standardize } from "../../metrics/standardization.ts";
import { tallyOf } from "../../metrics/tally.ts";
import type { Context } from "../../util/context.ts";
import { inTurns } from "../../util/turns.ts";

/** From strong to weak, so that each fit starts from the previous solution. scikit-learn's C is 1 / penalty. */
export const PENALTIES = [10_000, 1000, 100, 10, 1] as const;
/** Stop when the gradient is this small relative to the gradient at zero. scikit-learn uses a similar tolerance. */
const TOLERANCE = 1e-4;

/** Rows of features, float32 [rows, width], with their labels. */
export interface LabelledFeatures {
  readonly features: Float32Array;
  readonly labels: readonly number[];
}

export interface Probe extends LogisticModel, Standardization {
  readonly penalty: number;
  /** Each tested penalty, with its AUROC on the validation split. */
  readonly tried: readonly { readonly penalty: number; readonly val_auroc: number }[];
}

/**
 * Fits a probe for each penalty, and returns the one with the highest AUROC on the validation split.
 * @param train standardized in place, to save memory
 * @param val with both classes, like train
 * @throws the signal's reason if it is aborted.
 */
export async function fitProbe(
  { train, val, width }: { train: LabelledFeatures; val: LabelledFeatures; width: number },
  { reporter, signal }: Context,
): Promise<Probe> {
  const standardization = standardizationOf(train.features, width);
  await setImmediate();
  signal.throwIfAborted();
  standardize(train.features, standardization);
  let best: Probe | undefined;
  let start: LogisticModel | undefined;
  const tried: { penalty: number; val_auroc: number }[] = [];
  for (const penalty of PENALTIES) {
    const problem = { ...train, width, ridge: penalty, tolerance: TOLERANCE, ...(start ? { start } : {}) };
    start = await inTurns(logisticSteps(problem), signal);
    const candidate = { ...start, ...standardization, penalty, tried };
    const found = auroc(tallyOf(val.labels, probabilitiesOf(candidate, val.features)))!;
    if (!best || found > tried.find((one) => one.penalty === best!.penalty)!.val_auroc) best = candidate;
    tried.push({ penalty, val_auroc: found });
    reporter.progress({
      task: "fit-probe",
      done: tried.length,
      total: PENALTIES.length,
      unit: "penalties",
      values: { val_auroc: found },
    });
  }
  return best!;
}

/** The uncalibrated probability of the positive class for rows of unstandardized features; float64 [rows]. */
export function probabilitiesOf(
  { weights, bias, means, scales }: LogisticModel & Standardization,
  features: Float32Array,
): Float64Array {
  const width = weights.length;
  const factors = Float64Array.from(weights, (weight, i) => weight / scales[i]!);
  return Float64Array.from({ length: features.length / width }, (_, row) => {
    let score = bias;
    for (let i = 0; i < width; i++) score += factors[i]! * (features[row * width + i]! - means[i]!);
    return 1 / (1 + Math.exp(-score));
  });
}
