/** Writes the report of a cross-validation from the folders of its folds alone; the dataset is not needed. */
import { join } from "node:path";
import type { CrossvalidationDescription } from "../../artifacts/crossvalidation_folder.ts";
import { EVALUATION_FILES, PREDICTION_COLUMNS, predictionCells } from "../../artifacts/evaluation_folder.ts";
import { drawCrossvalidation } from "../../reports/crossvalidation/charts.ts";
import { crossvalidationPage } from "../../reports/crossvalidation/page.ts";
import type { CrossvalidationResult } from "../../reports/crossvalidation/report.ts";
import { unfinishedProblem } from "../../reports/units_text.ts";
import { writeFileAtomically } from "../../system/files.ts";
import type { WorkDescription } from "../../units/description.ts";
import { failureOf } from "../../units/failures.ts";
import type { Results } from "../../units/results.ts";
import type { Context } from "../../util/context.ts";
import { toCsv } from "../../util/csv.ts";
import { UserError } from "../../util/errors.ts";
import { foldDetailsOf } from "./describe.ts";
import { type FinishedFold, readFinishedFolds } from "./finished_fold.ts";
import { crossvalidationReport, testRowsOf } from "./numbers.ts";
import { describedIn } from "./work.ts";

/**
 * Pools the folds, and writes the predictions, the page and the report. The files depend on the folds and the
 * description only, so they can be written again at any time.
 * @throws UserError if a fold has failed, is not done or is damaged.
 */
export async function gatherCrossvalidation(
  results: Results,
  work: WorkDescription,
  context: Context,
): Promise<CrossvalidationResult> {
  const { folder } = results;
  const { signal } = context;
  const description = await describedIn(folder, work);
  const { dataset } = foldDetailsOf(work, folder);
  const folds = await readFolds(results, description, signal);
  const report = await crossvalidationReport({ description, shownDataset: dataset }, folds, context);
  const page = crossvalidationPage(report, await drawCrossvalidation(report, signal));
  signal.throwIfAborted();
  await writeFileAtomically(join(folder, EVALUATION_FILES.predictions), predictionsCsv(folds));
  await writeFileAtomically(join(folder, EVALUATION_FILES.page), page);
  await writeFileAtomically(join(folder, EVALUATION_FILES.report), `${JSON.stringify(report, null, 2)}\n`);
  return { folder, page: join(folder, EVALUATION_FILES.page), report, unfinished: [] };
}

/** A report without one of its folds would be of other cases, so all of them must be done. */
async function readFolds(
  results: Results,
  description: CrossvalidationDescription,
  signal: AbortSignal,
): Promise<FinishedFold[]> {
  const { folder } = results;
  const { done, unfinished } = await readFinishedFolds(folder, description, signal);
  for (const name of unfinished) {
    const failure = await failureOf(results, name);
    if (failure !== undefined) throw new UserError("units-unfinished", `${name} in ${folder} has failed: ${failure}`);
  }
  const problem = unfinishedProblem(folder, unfinished, description.folds.length);
  if (problem) throw problem;
  return done;
}

/** One row per patch, fold after fold, each fold in the order of the dataset. */
function predictionsCsv(folds: readonly FinishedFold[]): string {
  const rows = folds.flatMap(({ fold, evaluation: { report, answers } }, place) =>
    testRowsOf(fold).map((row) => [
      ...predictionCells(row, answers.get(row.id)!.probability, report.threshold),
      place + 1,
    ]),
  );
  return toCsv([...PREDICTION_COLUMNS, "fold"], rows);
}
