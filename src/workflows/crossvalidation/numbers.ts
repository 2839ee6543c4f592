/** Computes every number of a cross-validation's report from the predictions of its folds. */
import { setImmediate } from "node:timers/promises";
import { type CrossvalidationDescription, foldPlaces } from "../../artifacts/crossvalidation_folder.ts";
import type { DatasetTable } from "../../histology/dataset/dataset.ts";
import { caseSizesOf } from "../../metrics/clusters.ts";
import { byMetric, metricsWithIntervals } from "../../metrics/intervals.ts";
import {
  type FoldPredictions,
  pooledByCase,
  pooledConfusion,
  pooledMacro,
  pooledWithIntervals,
  spreadOver,
} from "../../metrics/pooled.ts";
import { confusionAt, tallyOf } from "../../metrics/tally.ts";
import { storedSettings } from "../../options/training/stored_settings.ts";
import type { CrossvalidationReport, FoldReport } from "../../reports/crossvalidation/report.ts";
import { rocPoints } from "../../reports/evaluation/curves.ts";
import { intervalsOver } from "../../reports/evaluation/interval_text.ts";
import type { Context } from "../../util/context.ts";
import { UserError } from "../../util/errors.ts";
import { RESEARCH_USE_NOTICE } from "../../util/notice.ts";
import { caseRows, reliabilityOf } from "../evaluation/numbers.ts";
import type { FinishedFold } from "./finished_fold.ts";

export async function crossvalidationReport(
  { description, shownDataset }: { readonly description: CrossvalidationDescription; readonly shownDataset: string },
  results: readonly FinishedFold[],
  { reporter, signal }: Context,
): Promise<CrossvalidationReport> {
  const parts = results.map(judgedOf);
  const folds: FoldReport[] = [];
  for (const [place, result] of results.entries()) {
    folds.push(foldReport(result, parts[place]!, { place, cases: description.folds[place]! }));
    reporter.progress({ task: "report-folds", done: place + 1, total: results.length, unit: "folds" });
    // Lets an abort request arrive between two folds.
    await setImmediate();
    signal.throwIfAborted();
  }
  const labels = parts.flatMap((part) => Array.from(part.labels));
  const probabilities = parts.flatMap((part) => Array.from(part.probabilities));
  const byCase = pooledByCase(parts);
  const foldOfCase = new Map(description.folds.flatMap((own, place) => own.map((name) => [name, place + 1])));
  const metrics = pooledWithIntervals(parts);
  const { dataset, options, command } = description;
  return {
    patches: labels.length,
    cases: byCase.length,
    confusion: pooledConfusion(parts),
    metrics,
    intervals: intervalsOver(byCase.length),
    case_sizes: caseSizesOf(parts.flatMap((part) => part.cases))!,
    over_folds: overFolds(folds),
    folds,
    by_case: caseRows(byCase).map((row) => ({ ...row, fold: foldOfCase.get(row.case)! })),
    macro: pooledMacro(byCase),
    calibration: reliabilityOf(labels, probabilities),
    roc: rocPoints(tallyOf(labels, probabilities)),
    model: { model: options.model, recipe: options.recipe, class_names: results[0]!.fold.classNames },
    settings: storedSettings(options),
    dataset: {
      folder: shownDataset,
      sha256: dataset.sha256.manifest,
      records_sha256: dataset.sha256.patches,
      rejected: results[0]!.fold.description.rejected,
    },
    command,
    versions: description.software,
    notice: RESEARCH_USE_NOTICE,
  };
}

/**
 * The predictions for the fold's test patches, in the order of the dataset.
 * @throws UserError if the evaluation does not contain exactly these patches.
 */
function judgedOf({ fold, evaluation: { name, report, answers } }: FinishedFold): FoldPredictions {
  const rows = testRowsOf(fold);
  const own = rows.map(({ id, caseId, label }) => {
    const answer = answers.get(id);
    if (answer?.case === caseId && answer.label === label) return answer;
    throw new UserError(
      "evaluation-mismatch",
      `The evaluation of ${name} does not answer the patch ${id} of its fold: evaluate it again with "cancernet evaluate", and go on with --resume.`,
    );
  });
  return {
    labels: own.map(({ label }) => label),
    probabilities: own.map(({ probability }) => probability),
    cases: own.map((answer) => answer.case),
    threshold: report.threshold,
  };
}

/** The rows of a fold's test split. */
export const testRowsOf = (fold: DatasetTable) => Array.from(fold.indicesOf("test"), (index) => fold.rows[index]!);

function foldReport(
  { fold, evaluation: { report } }: FinishedFold,
  part: FoldPredictions,
  { place, cases }: { place: number; cases: readonly string[] },
): FoldReport {
  return {
    fold: place + 1,
    run: foldPlaces(".", place).run,
    cases,
    counts: fold.description.counts,
    best_epoch: report.model.epoch,
    threshold: part.threshold,
    temperature: report.calibration.temperature,
    confusion: confusionAt(part.labels, part.probabilities, part.threshold),
    metrics: metricsWithIntervals(part, part.threshold),
    roc: rocPoints(tallyOf(part.labels, part.probabilities)),
    leakage: report.leakage.found,
    model_sha256: report.model_sha256,
  };
}

function overFolds(folds: readonly FoldReport[]): CrossvalidationReport["over_folds"] {
  const spread = spreadOver(folds.map(({ metrics }) => metrics));
  return byMetric((name) => {
    const { mean, standardDeviation, parts } = spread[name];
    return { mean, standard_deviation: standardDeviation, folds: parts };
  });
}
