/** Computes every number of a cross-validation's report, from the answers of its folds. */
import type { Dataset } from "../../histology/dataset/dataset.ts";
import { confusionAt, tallyOf } from "../../metrics/counting.ts";
import { byMetric, intervalSteps } from "../../metrics/intervals.ts";
import {
  type Judged,
  pooledByCase,
  pooledConfusion,
  pooledMacroSteps,
  pooledSteps,
  spreadOver,
} from "../../metrics/pooled.ts";
import { UserError } from "../../util/errors.ts";
import { shownPath } from "../../util/paths.ts";
import { inTurns } from "../../util/turns.ts";
import type { Context } from "../context.ts";
import { CLASS_NAMES, RESEARCH_USE_NOTICE } from "../model_file.ts";
import { rocPoints } from "../report/curves.ts";
import { caseRows, plain, REPORT_DRAWS, reliabilityOf } from "../report/numbers.ts";
import { VERSIONS } from "../versions.ts";
import type { FoldEvaluation } from "./fold.ts";
import { type CrossvalidationDescription, foldPlaces } from "./folder.ts";
import type { CrossvalidationReport, FoldReport } from "./report.ts";

/** A fold that is done. */
export interface FoldResult {
  /** The whole dataset, as the fold splits it. */
  readonly fold: Dataset;
  readonly evaluation: FoldEvaluation;
}

export async function crossvalidationReport(
  { folder, description }: { readonly folder: string; readonly description: CrossvalidationDescription },
  results: readonly FoldResult[],
  { reporter, signal }: Context,
): Promise<CrossvalidationReport> {
  const parts = results.map(judgedOf);
  const folds: FoldReport[] = [];
  for (const [place, result] of results.entries()) {
    const own = { place, cases: description.folds[place]! };
    folds.push(await inTurns(foldSteps(result, parts[place]!, own), signal));
    reporter.progress({ task: "Resampling", done: place + 1, total: results.length + 1, unit: "sets" });
  }
  const labels = parts.flatMap((part) => Array.from(part.labels));
  const probabilities = parts.flatMap((part) => Array.from(part.probabilities));
  const byCase = pooledByCase(parts);
  const foldOfCase = new Map(description.folds.flatMap((own, place) => own.map((name) => [name, place + 1])));
  const metrics = plain(await inTurns(pooledSteps(parts, REPORT_DRAWS), signal));
  const macro = plain(await inTurns(pooledMacroSteps(byCase, REPORT_DRAWS), signal));
  reporter.progress({ task: "Resampling", done: results.length + 1, total: results.length + 1, unit: "sets" });
  const { dataset, options, command } = description;
  return {
    patches: labels.length,
    cases: byCase.length,
    confusion: pooledConfusion(parts),
    metrics,
    intervals: { level: 0.95, resampled: "cases", ...REPORT_DRAWS },
    over_folds: overFolds(folds),
    folds,
    by_case: caseRows(byCase).map((row) => ({ ...row, fold: foldOfCase.get(row.case)! })),
    macro,
    calibration: reliabilityOf(labels, probabilities),
    roc: rocPoints(tallyOf(labels, probabilities)),
    model: { model: options.model, recipe: options.recipe, class_names: CLASS_NAMES },
    settings: options,
    dataset: {
      folder: shownPath(dataset.folder, folder),
      sha256: dataset.sha256.manifest,
      records_sha256: dataset.sha256.patches,
      rejected: results[0]!.fold.description.rejected,
    },
    command,
    versions: VERSIONS,
    notice: RESEARCH_USE_NOTICE,
  };
}

/**
 * The answers to the fold's test patches, in the order of the dataset.
 * @throws UserError where they are not the answers to these patches.
 */
function judgedOf({ fold, evaluation: { name, report, answers } }: FoldResult): Judged {
  const rows = testRowsOf(fold);
  const own = rows.map(({ id, caseId, label }) => {
    const answer = answers.get(id);
    if (answer?.case === caseId && answer.label === label) return answer;
    throw new UserError(
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

/** The rows that a fold tests. */
export const testRowsOf = (fold: Dataset) => Array.from(fold.indicesOf("test"), (index) => fold.rows[index]!);

function* foldSteps(
  { fold, evaluation: { report } }: FoldResult,
  part: Judged,
  { place, cases }: { place: number; cases: readonly string[] },
): Generator<void, FoldReport> {
  const metrics = plain(yield* intervalSteps(part, part.threshold, REPORT_DRAWS));
  return {
    fold: place + 1,
    run: foldPlaces(".", place).run,
    cases,
    counts: fold.description.counts,
    best_epoch: report.model.epoch,
    threshold: part.threshold,
    temperature: report.calibration.temperature,
    confusion: confusionAt(part.labels, part.probabilities, part.threshold),
    metrics,
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
