/** The folder that "evaluate" writes and later commands read: the predictions for each patch, and a report. */
import { join } from "node:path";
import type { PatchRow } from "../histology/dataset/patch_row.ts";
import type { Split } from "../histology/dataset/split_names.ts";
import { type Confusion, confusionAt } from "../metrics/tally.ts";
import { commandLineOf } from "../options/command_line.ts";
import { evaluateOptions } from "../options/evaluate.ts";
import { csvRows } from "../system/csv_stream.ts";
import { kindOf, readText } from "../system/files.ts";
import { UserError } from "../util/errors.ts";
import { checked, type Expected, parseJson, type Schema } from "../util/json.ts";
import type { Evaluation, EvaluationFacts, PatchAnswer } from "./evaluation.ts";
import { RUN_FILES } from "./run_files.ts";

/** The names of an evaluation's files. */
export const EVALUATION_FILES = { report: "report.json", predictions: "predictions.csv", page: "report.html" } as const;

/** The folder of an evaluation inside its run. */
export const ownEvaluation = (split: Split): string => `evaluation-${split}`;

const REMEDY = 'evaluate again with "cancernet evaluate"';

const COLUMNS = ["id", "case", "label", "probability"] as const;

/** The columns of predictions.csv. */
export const PREDICTION_COLUMNS = ["id", "case", "x", "y", "label", "probability", "predicted"];

/** A row of predictions.csv. */
export function predictionCells(
  { id, caseId, x, y, label }: PatchRow,
  probability: number,
  threshold: number,
): (string | number)[] {
  return [id, caseId, x ?? "", y ?? "", label, probability, probability >= threshold ? 1 : 0];
}

/**
 * Reads an evaluation.
 * @param name a run folder, for its evaluation on the split, or the folder of an evaluation
 * @param schema the parts of the report to read
 * @throws UserError if there is no evaluation, or its files are damaged or do not belong together.
 */
export async function readEvaluation<R extends EvaluationFacts>(
  name: string,
  split: Split,
  schema: Schema<R>,
  signal?: AbortSignal,
): Promise<Evaluation<R>> {
  const folder = await locateEvaluation(name, split);
  const expected: Expected = {
    code: "evaluation-damaged",
    place: join(folder, EVALUATION_FILES.report),
    what: "an evaluation's report",
    remedy: REMEDY,
  };
  const text = await readText(expected.place, "the evaluation's report");
  const report = checked(schema, parseJson(text, expected), expected);
  const place = join(folder, EVALUATION_FILES.predictions);
  const answers = await readAnswers(place, signal);
  if (!isSame(confusionOf(answers, report.threshold), report.confusion)) {
    throw new UserError(
      "evaluation-damaged",
      `${place} does not belong to the ${EVALUATION_FILES.report} beside it, as it gives another confusion matrix: ${REMEDY}.`,
    );
  }
  return { name, report, answers };
}

async function locateEvaluation(name: string, split: Split): Promise<string> {
  const has = async (...path: string[]) => (await kindOf(join(name, ...path))) === "file";
  if ((await kindOf(name)) !== "folder") {
    throw new UserError(
      "evaluation-missing",
      `There is no folder at ${name}: give runs, or folders that "cancernet evaluate" wrote with --out.`,
    );
  }
  if (await has(EVALUATION_FILES.report)) return name;
  const own = ownEvaluation(split);
  if (await has(own, EVALUATION_FILES.report)) return join(name, own);
  if (await has(RUN_FILES.description)) {
    throw new UserError(
      "evaluation-missing",
      `The run ${name} was not evaluated on ${split}: do it with "${commandLineOf("evaluate", evaluateOptions, { model: name, split })}".`,
    );
  }
  throw new UserError(
    "evaluation-missing",
    `${name} is neither a run nor an evaluation: give folders that "cancernet train" or "cancernet evaluate" wrote.`,
  );
}

/** @throws UserError if a row is not a prediction, or a patch appears twice. */
async function readAnswers(place: string, signal: AbortSignal | undefined): Promise<Map<string, PatchAnswer>> {
  const answers = new Map<string, PatchAnswer>();
  const table = { columns: COLUMNS, what: "the predictions", ...(signal ? { signal } : {}) };
  for await (const { id, case: caseId, label, probability: written } of csvRows(place, table)) {
    const probability = written === "" ? Number.NaN : Number(written);
    if (!(label === "0" || label === "1") || !(probability >= 0 && probability <= 1)) {
      throw new UserError(
        "evaluation-damaged",
        `${place} gives patch ${id} the label "${label}" and the probability "${written}", expected 0 or 1 and a number from 0 to 1: ${REMEDY}.`,
      );
    }
    if (answers.has(id)) throw new UserError("evaluation-damaged", `${place} names patch ${id} twice: ${REMEDY}.`);
    answers.set(id, { case: caseId, label: Number(label), probability });
  }
  return answers;
}

function confusionOf(answers: ReadonlyMap<string, PatchAnswer>, threshold: number): Confusion {
  const all = [...answers.values()];
  return confusionAt(
    all.map(({ label }) => label),
    all.map(({ probability }) => probability),
    threshold,
  );
}

function isSame(a: Confusion, b: Confusion): boolean {
  return a.tn === b.tn && a.fp === b.fp && a.fn === b.fn && a.tp === b.tp;
}
