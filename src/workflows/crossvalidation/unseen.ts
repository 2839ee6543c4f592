/**
 * What a cross-validation says of its dataset: the log odds of every patch by the model of its fold, which has not seen
 * the patch's case.
 */
import { join } from "node:path";
import { CROSSVALIDATION_FILES, readDescription } from "../../artifacts/crossvalidation_folder.ts";
import { EVALUATION_FILES } from "../../artifacts/evaluation_folder.ts";
import type { ClassNames } from "../../histology/dataset/class_names.ts";
import type { PatchRow } from "../../histology/dataset/patch_row.ts";
import { UserError } from "../../util/errors.ts";
import { type FinishedFold, readFinishedFolds } from "./finished_fold.ts";
import { testRowsOf } from "./numbers.ts";

/** Every patch of a dataset with the answer of a model that was trained without its case. */
export interface Unseen {
  readonly folder: string;
  /** The architecture of the folds' models. */
  readonly model: string;
  readonly inputSide: number;
  readonly classNames: ClassNames;
  /** Pixels per side of a patch. */
  readonly side: number;
  readonly rows: readonly PatchRow[];
  /** The number of each row's fold, from 0. The rows of a fold follow each other. */
  readonly folds: readonly number[];
  /** float32 [rows]: the log odds of the positive class before calibration. */
  readonly logits: Float32Array;
}

/** Half of the last digit of a probability in predictions.csv: a probability of 0 or 1 lies this far from it, on average. */
const HALF_DIGIT = 5e-10;

/**
 * Reads the predictions of a finished cross-validation.
 * @throws UserError if the folder is not a cross-validation, or a fold is missing, unfinished or damaged.
 */
export async function readUnseen(folder: string, signal: AbortSignal): Promise<Unseen> {
  const description = await readDescription(folder);
  const { done: parts, unfinished } = await readFinishedFolds(folder, description, signal);
  if (unfinished.length > 0) {
    throw new UserError(
      "units-unfinished",
      `${folder} is not finished (${unfinished.join(", ")}): finish it with "cancernet crossvalidate --resume ${folder}".`,
    );
  }
  const [{ fold: first }] = parts as [FinishedFold];
  const settings = description.options;
  return {
    folder,
    model: settings.model,
    inputSide: settings.inputSize,
    classNames: first.classNames,
    side: first.side,
    rows: parts.flatMap((part) => testRowsOf(part.fold)),
    folds: parts.flatMap((part, fold) => testRowsOf(part.fold).map(() => fold)),
    logits: Float32Array.from(
      parts.flatMap(({ fold: own, evaluation: { answers, report } }) =>
        testRowsOf(own).map(({ id }) => logOddsOf(answers.get(id)!.probability) * report.calibration.temperature),
      ),
    ),
  };
}

/** The files of a cross-validation that an output must not replace. */
export const unseenPaths = (folder: string): string[] =>
  [CROSSVALIDATION_FILES.description, EVALUATION_FILES.predictions, EVALUATION_FILES.report, EVALUATION_FILES.page].map(
    (name) => join(folder, name),
  );

function logOddsOf(probability: number): number {
  const inside = Math.min(Math.max(probability, HALF_DIGIT), 1 - HALF_DIGIT);
  return Math.log(inside / (1 - inside));
}
