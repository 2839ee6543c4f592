/** The verb "evaluate": a trained model and a split in; report, confusion matrix, metrics and predictions out. */
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import type { DeviceName } from "../engine/runtime/devices.ts";
import { type Dataset, openDataset } from "../histology/dataset/dataset.ts";
import { SPLITS, type Split } from "../histology/dataset/splits.ts";
import { type Confusion, confusionAt } from "../metrics/counting.ts";
import { classificationReport, confusionTable } from "../metrics/report.ts";
import { computeMetrics, METRIC_NAMES, METRICS, type MetricName, type MetricValue } from "../metrics/table.ts";
import { toCsv } from "../util/csv.ts";
import { UserError } from "../util/errors.ts";
import { createOutputFolder, kindOf, requireFreeFolder, writeFileAtomically } from "../util/files.ts";
import { tableLines } from "../util/table.ts";
import { classifyRows } from "./classify.ts";
import type { Context } from "./context.ts";
import { openModelOnDevice } from "./device_choice.ts";
import { type ModelCard, RESEARCH_USE_NOTICE } from "./model_file.ts";
import { datasetOption, deviceOption, modelOption, threadsOf, threadsOption } from "./options.ts";
import { exactDecimal } from "./prediction.ts";
import { datasetFolder, locateModel, type ModelLocation } from "./run_folder.ts";

export const evaluateOptions = z.object({
  model: modelOption,
  dataset: datasetOption,
  split: z.enum(SPLITS).default("test").meta({ description: "Split to evaluate on." }),
  out: z
    .string()
    .optional()
    .meta({ description: "New folder for the results. [evaluation-<split> in the run]", placeholder: "DIR" }),
  threads: threadsOption,
  device: deviceOption,
});

export type EvaluateOptions = z.output<typeof evaluateOptions>;

/** What report.json holds. */
export interface EvaluationReport {
  readonly split: Split;
  readonly patches: number;
  readonly cases: number;
  readonly threshold: number;
  readonly confusion: Confusion;
  readonly metrics: Record<MetricName, MetricValue>;
  readonly model: ModelCard;
  /** What computed: the rounding differs from device to device. */
  readonly device: DeviceName;
  readonly dataset: { readonly folder: string; readonly sha256: string; readonly same_as_in_training: boolean };
  readonly notice: string;
}

/**
 * Evaluates a model on one split of a dataset, IDC being the positive class.
 * @throws UserError where the model, the dataset or the output folder does not allow it.
 */
export async function evaluate(options: EvaluateOptions, context: Context): Promise<EvaluationReport> {
  const location = await locateModel(options.model);
  const dataset = await openDataset(datasetFolder(options, location));
  try {
    const rows = dataset.indicesOf(options.split);
    if (rows.length === 0)
      throw new UserError(`The ${options.split} split of ${dataset.folder} is empty: choose another with --split.`);
    const { card, classifier, device, reason } = await openModelOnDevice(
      location.modelPath,
      { wanted: options.device, threads: threadsOf(options) },
      context.signal,
    );
    if (options.device === "auto") context.reporter.info(`Device: ${device}, ${reason}.`);
    const out = await outputFolder(options, location);
    const total = rows.length;
    const probabilities = await classifyRows(classifier, dataset, rows, (done) => {
      context.signal.throwIfAborted();
      context.reporter.progress({ task: `Evaluating ${options.split}`, done, total, unit: "patches" });
    });
    await classifier.close();
    const report = makeReport(options.split, dataset, rows, { card, device, probabilities });
    if (out !== undefined) {
      if (options.out !== undefined) await createOutputFolder(out);
      else await mkdir(out, { recursive: true });
      await writeFileAtomically(
        join(out, "predictions.csv"),
        predictionsCsv(dataset, rows, probabilities, card.threshold),
      );
      await writeFileAtomically(join(out, "report.json"), `${JSON.stringify(report, null, 2)}\n`);
    }
    tell(report, out, context);
    return report;
  } finally {
    dataset.close();
  }
}

/** Where the results go: a new folder, or one of the run, where those of an earlier evaluation are replaced. */
async function outputFolder({ out, split }: EvaluateOptions, { run }: ModelLocation): Promise<string | undefined> {
  if (out !== undefined) {
    await requireFreeFolder(out);
    return out;
  }
  const own = run && join(run.folder, `evaluation-${split}`);
  if (own === undefined || (await kindOf(own)) !== "file") return own;
  throw new UserError(`${own} is a file, where the results belong: remove it, or choose another folder with --out.`);
}

function makeReport(
  split: Split,
  dataset: Dataset,
  rows: Uint32Array,
  { card, device, probabilities }: { card: ModelCard; device: DeviceName; probabilities: Float32Array },
): EvaluationReport {
  const labels = Array.from(rows, (index) => dataset.rows[index]!.label);
  const sha256 = dataset.description.sha256.manifest;
  return {
    split,
    patches: rows.length,
    cases: dataset.description.counts[split].cases,
    threshold: card.threshold,
    confusion: confusionAt(labels, probabilities, card.threshold),
    metrics: computeMetrics(labels, probabilities, card.threshold),
    model: card,
    device,
    dataset: { folder: dataset.folder, sha256, same_as_in_training: sha256 === card.dataset_sha256 },
    notice: RESEARCH_USE_NOTICE,
  };
}

const PREDICTION_COLUMNS = ["id", "case", "x", "y", "label", "probability", "predicted"];

function predictionsCsv(dataset: Dataset, rows: Uint32Array, probabilities: Float32Array, threshold: number): string {
  return toCsv(
    PREDICTION_COLUMNS,
    Array.from(rows, (index, place) => {
      const { id, caseId, x, y, label } = dataset.rows[index]!;
      const probability = probabilities[place]!;
      return [id, caseId, x ?? "", y ?? "", label, exactDecimal(probability), probability >= threshold ? 1 : 0];
    }),
  );
}

function tell(report: EvaluationReport, out: string | undefined, { reporter }: Context): void {
  const { split, patches, cases, threshold, confusion, metrics, model, dataset } = report;
  if (!dataset.same_as_in_training) {
    reporter.warn(
      `${dataset.folder} is not the dataset that the model was trained on: make sure that no case of the training is in it.`,
    );
  }
  const share = METRIC_NAMES.filter((name) => metrics[name].value !== null);
  const lines = [
    `${model.model} (${model.recipe} recipe, epoch ${model.epoch}) on ${split}: ${patches.toLocaleString("en-US")} patches` +
      `${cases > 0 ? ` of ${cases} cases` : ""}, IDC is positive from probability ${threshold}.`,
    "",
    ...classificationReport(confusion, model.class_names).split("\n"),
    "",
    ...confusionTable(confusion, model.class_names).split("\n"),
    "",
    ...tableLines(
      ["metric", "value"],
      share.map((name) => [METRICS[name].title, metrics[name].value!.toFixed(4)]),
    ),
    "",
    'The tutorial swaps two names: its "sensitivity" is the specificity here, and its "specificity" the sensitivity.',
    ...(out === undefined
      ? ["Nothing was written: give --out DIR to keep the report and the predictions."]
      : [`The report and the predictions are in ${out}.`]),
    RESEARCH_USE_NOTICE,
  ];
  for (const line of lines) reporter.info(line);
}
