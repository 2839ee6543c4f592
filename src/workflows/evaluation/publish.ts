/**
 * The common end of every evaluation: computes the report from a model's answers, writes its files and prints its
 * warnings.
 */
import { join } from "node:path";
import { EVALUATION_FILES, PREDICTION_COLUMNS, predictionCells } from "../../artifacts/evaluation_folder.ts";
import type { Dataset } from "../../histology/dataset/dataset.ts";
import type { Split } from "../../histology/dataset/split_names.ts";
import { drawReport } from "../../reports/evaluation/drawing.ts";
import { reportPage } from "../../reports/evaluation/page.ts";
import type { EvaluationResult } from "../../reports/evaluation/report.ts";
import { reportWarnings } from "../../reports/evaluation/text.ts";
import { exactDecimal } from "../../reports/prediction.ts";
import { makeFolders, writeFileAtomically } from "../../system/files.ts";
import { removeLeftovers } from "../../system/leftovers.ts";
import { fillFolder } from "../../system/output_folder.ts";
import type { Context } from "../../util/context.ts";
import { toCsv } from "../../util/csv.ts";
import { UserError } from "../../util/errors.ts";
import { inTurns } from "../../util/turns.ts";
import { galleryPictures } from "./gallery.ts";
import { type EvaluationInput, reportSteps } from "./numbers.ts";

/** The output folder: a new one, which must be free, or an existing one, whose earlier results are replaced. */
export interface OutputFolder {
  readonly path: string;
  readonly isNew: boolean;
}

/** The rows of a split. @throws UserError if there are none. */
export function rowsOf(dataset: Dataset, split: Split, remedy = "choose another with --split"): Uint32Array {
  const rows = dataset.indicesOf(split);
  if (rows.length > 0) return rows;
  throw new UserError("split-empty", `The ${split} split of ${dataset.folder} is empty: ${remedy}.`);
}

/**
 * Computes the report. If there is an output folder, writes the report and the predictions.
 * @throws UserError if the folder is not usable, the signal's reason if it is aborted before anything is written.
 */
export async function publishEvaluation(
  evaluated: EvaluationInput,
  out: OutputFolder | undefined,
  { reporter, signal }: Context,
): Promise<EvaluationResult> {
  const report = await inTurns(reportSteps(evaluated), signal);
  if (out !== undefined) {
    const pictures = await galleryPictures(evaluated.dataset, report.gallery);
    const page = reportPage(report, await drawReport(report, signal), pictures);
    signal.throwIfAborted();
    const warn = reporter.warn.bind(reporter);
    const write = async (folder: string) => {
      await writeFileAtomically(join(folder, EVALUATION_FILES.predictions), predictionsCsv(evaluated));
      await writeFileAtomically(join(folder, EVALUATION_FILES.page), page);
      await writeFileAtomically(join(folder, EVALUATION_FILES.report), `${JSON.stringify(report, null, 2)}\n`);
    };
    if (out.isNew) await fillFolder(out.path, "--out", warn, write);
    else {
      await makeFolders(out.path);
      await removeLeftovers(out.path, warn);
      await write(out.path);
    }
  }
  for (const warning of reportWarnings(report)) reporter.warn(warning);
  return { folder: out?.path ?? null, page: out ? join(out.path, EVALUATION_FILES.page) : null, report };
}

function predictionsCsv({ dataset, rows, probabilities, card }: EvaluationInput): string {
  return toCsv(
    PREDICTION_COLUMNS,
    Array.from(rows, (index, place) =>
      predictionCells(dataset.rows[index]!, exactDecimal(probabilities[place]!), card.threshold),
    ),
  );
}
