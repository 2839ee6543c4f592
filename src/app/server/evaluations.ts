/** Reads evaluations of the studio's folder: the report, the predictions as columns, and comparisons. */
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join, sep } from "node:path";
import * as z from "zod";
import { type Evaluation, reportSchema } from "../../artifacts/evaluation.ts";
import { EVALUATION_FILES, readEvaluation } from "../../artifacts/evaluation_folder.ts";
import { DATASET_FILES } from "../../histology/dataset/description.ts";
import { manifestSteps } from "../../histology/dataset/manifest.ts";
import { commandLineOf } from "../../options/command_line.ts";
import { compareOptions } from "../../options/compare.ts";
import { comparisonOf } from "../../reports/comparison/numbers.ts";
import { comparisonWarnings } from "../../reports/comparison/text.ts";
import type { EvaluationReport } from "../../reports/evaluation/report.ts";
import { readText } from "../../system/files.ts";
import { UserError } from "../../util/errors.ts";
import { checked, type Expected, parseJson } from "../../util/json.ts";
import { silent } from "../../util/reporter.ts";
import { inTurns } from "../../util/turns.ts";
import {
  type ComparisonAnswer,
  type EvaluationAnswer,
  encodePredictions,
  NO_RECORD,
  type PredictionColumns,
} from "../api/evaluations.ts";
import type { EvaluationItem } from "../api/items.ts";
import type { Workspace } from "./workspace/workspace.ts";

/** The parts of report.json that the page shows and that reports of earlier versions may lack. */
const shownSchema = z.looseObject({
  ...reportSchema.shape,
  metrics: z.looseObject({}),
  by_case: z.array(z.looseObject({})),
  operating_table: z.array(z.looseObject({})),
  prevalence: z.looseObject({ own: z.number() }),
  calibration: z.looseObject({ after: z.looseObject({ bins: z.array(z.looseObject({})) }) }),
  roc: z.array(z.unknown()),
  precision_recall: z.array(z.unknown()),
  scores: z.array(z.unknown()),
  decision_curve: z.array(z.unknown()),
  caveats: z.array(z.string()),
  model_sha256: z.string(),
  command: z.string(),
});

/**
 * The report and where its model and dataset are.
 * @throws UserError if there is no such evaluation, or its report is damaged or older than the page understands.
 */
export async function evaluationAnswer(workspace: Workspace, id: string): Promise<EvaluationAnswer> {
  const item = await workspace.item("evaluation", id);
  const text = await readText(join(await workspace.pathOf(item), EVALUATION_FILES.report), "the evaluation's report");
  const expected: Expected = {
    code: "evaluation-damaged",
    place: `${item.path}/${EVALUATION_FILES.report}`,
    what: "a report of this version",
    remedy: 'evaluate again with "cancernet evaluate"',
  };
  const value = parseJson(text, expected);
  const { command } = checked(shownSchema, value, expected);
  const dataset = await datasetOf(workspace, item);
  return {
    report: value as EvaluationReport,
    reportSha256: createHash("sha256").update(text).digest("hex"),
    model: await modelOf(workspace, item, command),
    dataset: dataset && { id: dataset.id, path: dataset.path },
  };
}

/** The run that the evaluation lies in, or the model that its command names. */
async function modelOf(workspace: Workspace, { run }: EvaluationItem, command: string): Promise<string | null> {
  if (run !== null) return (await workspace.item("run", run)).path;
  return /^cancernet evaluate ([^\s'-]\S*)/.exec(command)?.[1] ?? null;
}

/** The dataset whose manifest was evaluated: the one that the report names, or another copy of it. */
async function datasetOf(workspace: Workspace, { dataset, datasetSha256 }: EvaluationItem) {
  const all = (await workspace.items()).filter((item) => item.kind === "dataset");
  const same = all.filter(({ manifestSha256 }) => manifestSha256 === datasetSha256);
  return same.find(({ id }) => id === dataset) ?? same[0] ?? null;
}

/**
 * The predictions as bytes, see `encodePredictions`.
 * @throws UserError if the predictions are damaged or do not belong to the report.
 */
export async function predictionBytes(
  workspace: Workspace,
  id: string,
  signal: AbortSignal,
): Promise<Uint8Array<ArrayBuffer>> {
  const item = await workspace.item("evaluation", id);
  const { answers } = await evaluationAt(workspace, item, signal);
  const recordOf = await recordsById(workspace, item, signal);
  const places = new Map<string, number>();
  const count = answers.size;
  const columns = {
    labels: new Uint8Array(count),
    probabilities: new Float64Array(count),
    caseOf: new Uint32Array(count),
    records: new Uint32Array(count),
  };
  for (const [patch, [patchId, answer]] of [...answers].entries()) {
    if (!places.has(answer.case)) places.set(answer.case, places.size);
    columns.labels[patch] = answer.label;
    columns.probabilities[patch] = answer.probability;
    columns.caseOf[patch] = places.get(answer.case)!;
    columns.records[patch] = recordOf.get(patchId) ?? NO_RECORD;
  }
  return encodePredictions({ ...columns, cases: [...places.keys()] } satisfies PredictionColumns);
}

/** The record of each patch of the evaluated dataset; empty if it is not in the folder, or was changed since. */
async function recordsById(
  workspace: Workspace,
  item: EvaluationItem,
  signal: AbortSignal,
): Promise<Map<string, number>> {
  const dataset = await datasetOf(workspace, item);
  if (!dataset) return new Map();
  const place = join(await workspace.pathOf(dataset), DATASET_FILES.manifest);
  const bytes = await readFile(place);
  if (createHash("sha256").update(bytes).digest("hex") !== item.datasetSha256) return new Map();
  const rows = await inTurns(manifestSteps(bytes, `${dataset.path}/${DATASET_FILES.manifest}`), signal);
  return new Map(rows.map(({ id }, record) => [id, record]));
}

/**
 * Compares evaluations of the same patches, as "cancernet compare" does in the studio's folder.
 * @throws UserError as `compare`.
 */
export async function comparisonAnswer(
  workspace: Workspace,
  ids: readonly string[],
  signal: AbortSignal,
): Promise<ComparisonAnswer> {
  const items: EvaluationItem[] = [];
  for (const id of ids) items.push(await workspace.item("evaluation", id));
  const evaluations: Evaluation[] = [];
  for (const item of items) evaluations.push(await evaluationAt(workspace, item, signal));
  return {
    comparison: await comparisonOf(evaluations, { reporter: silent, signal }),
    warnings: comparisonWarnings(evaluations),
    command: commandLineOf("compare", compareOptions, { runs: items.map(({ path }) => path) }),
  };
}

/** Reads an evaluation under the name that a command line in the studio's folder gives it. */
async function evaluationAt(workspace: Workspace, item: EvaluationItem, signal: AbortSignal): Promise<Evaluation> {
  if (item.problem !== undefined) throw new UserError("evaluation-damaged", item.problem);
  const folder = await workspace.pathOf(item);
  try {
    return { ...(await readEvaluation(folder, item.split, reportSchema, signal)), name: item.path };
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    throw new UserError(error.code, error.message.replaceAll(workspace.root + sep, ""));
  }
}
