/** The verb "evaluate": a trained model and a split in; predictions, every number of the report, and the report as a page out. */
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { type Dataset, openDataset } from "../histology/dataset/dataset.ts";
import { SPLITS } from "../histology/dataset/splits.ts";
import { toCsv } from "../util/csv.ts";
import { UserError } from "../util/errors.ts";
import { createOutputFolder, kindOf, requireFreeFolder, sha256OfFile, writeFileAtomically } from "../util/files.ts";
import { classifyRows } from "./classify.ts";
import { commandLine, flagWords } from "./command_line.ts";
import type { Context } from "./context.ts";
import { openModelOnDevice } from "./device_choice.ts";
import { EVALUATION_FILES, ownEvaluation, PREDICTION_COLUMNS, predictionCells } from "./evaluation_folder.ts";
import { RESEARCH_USE_NOTICE } from "./model_file.ts";
import { datasetOption, deviceOption, modelOption, threadsOf, threadsOption } from "./options.ts";
import { exactDecimal } from "./prediction.ts";
import { drawReport } from "./report/drawing.ts";
import type { EvaluationReport } from "./report/evaluation_report.ts";
import { galleryPictures } from "./report/gallery.ts";
import { findLeakage, trainingDataOf } from "./report/leakage.ts";
import { type Evaluated, reportOf } from "./report/numbers.ts";
import { reportPage } from "./report/page.ts";
import { reportLines, reportWarnings } from "./report/told.ts";
import { readTraining } from "./report/training.ts";
import { datasetFolder, locateModel, type ModelLocation } from "./run_folder.ts";
import { VERSIONS } from "./training_plan.ts";

export type { EvaluationReport };

const DEFAULT_PREVALENCES = [0.1, 0.5];

export const evaluateOptions = z.object({
  model: modelOption,
  dataset: datasetOption,
  split: z.enum(SPLITS).default("test").meta({ description: "Split to evaluate on." }),
  prevalence: z.array(z.number().gt(0).lt(1)).default(DEFAULT_PREVALENCES).meta({
    description: "Share of IDC patches to give PPV and NPV for, besides the split's own.",
    placeholder: "SHARE",
  }),
  out: z
    .string()
    .optional()
    .meta({ description: "New folder for the results. [evaluation-<split> in the run]", placeholder: "DIR" }),
  threads: threadsOption,
  device: deviceOption,
});

export type EvaluateOptions = z.output<typeof evaluateOptions>;

/**
 * Evaluates a model on one split of a dataset, IDC being the positive class.
 * @throws UserError where the model, the dataset or the output folder does not allow it.
 */
export async function evaluate(options: EvaluateOptions, context: Context): Promise<EvaluationReport> {
  const { reporter, signal } = context;
  const location = await locateModel(options.model);
  const dataset = await openDataset(datasetFolder(options, location));
  try {
    const out = await outputFolder(options, location);
    const evaluated = await classifySplit(options, { location, dataset }, context);
    const report = reportOf(evaluated);
    signal.throwIfAborted();
    if (out !== undefined) {
      const page = reportPage(report, await drawReport(report), await galleryPictures(dataset, report.gallery));
      signal.throwIfAborted();
      if (options.out !== undefined) await createOutputFolder(out);
      else await mkdir(out, { recursive: true });
      await writeFileAtomically(join(out, EVALUATION_FILES.predictions), predictionsCsv(evaluated));
      await writeFileAtomically(join(out, EVALUATION_FILES.page), page);
      await writeFileAtomically(join(out, EVALUATION_FILES.report), `${JSON.stringify(report, null, 2)}\n`);
    }
    for (const warning of reportWarnings(report)) reporter.warn(warning);
    for (const line of reportLines(report)) reporter.info(line);
    reporter.info(
      out === undefined
        ? "Nothing was written: give --out DIR to keep the report and the predictions."
        : `The whole report is ${join(out, EVALUATION_FILES.page)}; its numbers and the predictions stand beside it.`,
    );
    reporter.info(RESEARCH_USE_NOTICE);
    return report;
  } finally {
    dataset.close();
  }
}

/** The model's answers to the split, and where they come from. */
async function classifySplit(
  options: EvaluateOptions,
  { location, dataset }: { location: ModelLocation; dataset: Dataset },
  { reporter, signal }: Context,
): Promise<Evaluated> {
  const { split } = options;
  const rows = dataset.indicesOf(split);
  if (rows.length === 0)
    throw new UserError(`The ${split} split of ${dataset.folder} is empty: choose another with --split.`);
  const training = location.run ? await readTraining(location.run.folder) : null;
  const wanted = { wanted: options.device, threads: threadsOf(options) };
  const model = await openModelOnDevice(location.modelPath, wanted, signal);
  const { card, classifier, device, reason } = model;
  if (options.device === "auto") reporter.info(`Device: ${device}, ${reason}.`);
  const total = rows.length;
  const probabilities = await classifyRows(model, dataset, rows, (done) => {
    signal.throwIfAborted();
    reporter.progress({ task: `Evaluating ${split}`, done, total, unit: "patches" });
  });
  await classifier.close();
  return {
    dataset,
    split,
    rows,
    probabilities,
    card,
    device,
    modelSha256: await sha256OfFile(location.modelPath),
    leakage: findLeakage(dataset, split, trainingDataOf(card, dataset)),
    training,
    method: "a convolutional network",
    caveats: [],
    prevalences: options.prevalence,
    command: commandOf(options),
    versions: VERSIONS,
  };
}

/** Where the results go: a new folder, or one of the run, where those of an earlier evaluation are replaced. */
async function outputFolder({ out, split }: EvaluateOptions, { run }: ModelLocation): Promise<string | undefined> {
  if (out !== undefined) {
    await requireFreeFolder(out);
    return out;
  }
  const own = run && join(run.folder, ownEvaluation(split));
  if (own === undefined || (await kindOf(own)) !== "file") return own;
  throw new UserError(`${own} is a file, where the results belong: remove it, or choose another folder with --out.`);
}

/** The command line that these options stand for; what does not change the results is left out. */
function commandOf({ model, dataset, split, prevalence, device }: EvaluateOptions): string {
  const shares = prevalence.flatMap((share) => flagWords({ prevalence: share }));
  return commandLine("evaluate", model, ...flagWords({ dataset, split }), ...shares, ...flagWords({ device }));
}

function predictionsCsv({ dataset, rows, probabilities, card }: Evaluated): string {
  return toCsv(
    PREDICTION_COLUMNS,
    Array.from(rows, (index, place) =>
      predictionCells(dataset.rows[index]!, exactDecimal(probabilities[place]!), card.threshold),
    ),
  );
}
