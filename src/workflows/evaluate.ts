/**
 * The command "evaluate": runs a trained model on a split, and writes the predictions, the numbers of the report, and
 * the report as a page.
 */
import { join } from "node:path";
import type * as z from "zod";
import { ownEvaluation } from "../artifacts/evaluation_folder.ts";
import { datasetFolder, locateModel, type ModelLocation } from "../artifacts/run_folder.ts";
import { readTraining } from "../artifacts/training_record.ts";
import { VERSIONS } from "../artifacts/versions.ts";
import { type Dataset, withDataset } from "../histology/dataset/dataset.ts";
import { checkedOptions } from "../options/checked_options.ts";
import { type EvaluateOptions, evaluateOptions } from "../options/evaluate.ts";
import { threadsOf } from "../options/thread_count.ts";
import type { EvaluationReport, EvaluationResult } from "../reports/evaluation/report.ts";
import { kindOf, requireNoLink } from "../system/files.ts";
import { requireFreeFolder } from "../system/output_folder.ts";
import type { Context } from "../util/context.ts";
import { UserError } from "../util/errors.ts";
import { classifyRows } from "./classify.ts";
import { openModelOnDevice } from "./device/choice.ts";
import { leakageOf } from "./evaluation/leakage.ts";
import { likenessOf } from "./evaluation/likeness.ts";
import type { EvaluationInput } from "./evaluation/numbers.ts";
import { type OutputFolder, publishEvaluation, rowsOf } from "./evaluation/publish.ts";
import { shownCommand } from "./shown_command.ts";

export type { EvaluationReport, EvaluationResult };

type Checked = z.output<typeof evaluateOptions>;

/**
 * Evaluates a model on one split of a dataset. Class 1 is the positive class.
 * @throws UserError if the model, the dataset or the output folder is not usable, or if model and dataset have
 *   different class names.
 */
export async function evaluate(given: EvaluateOptions, context: Context): Promise<EvaluationResult> {
  const options = checkedOptions(evaluateOptions, given);
  const location = await locateModel(options.model);
  return withDataset(datasetFolder(options, location), context.signal, async (dataset) => {
    const out = await outputFolder(options, location);
    const evaluated = await classifySplit(options, { location, dataset }, context);
    return publishEvaluation(evaluated, out, context);
  });
}

/** The model's answers for the split, with the data of their origin. */
async function classifySplit(
  options: Checked,
  { location, dataset }: { location: ModelLocation; dataset: Dataset },
  { reporter, signal }: Context,
): Promise<EvaluationInput> {
  const { split } = options;
  const rows = rowsOf(dataset, split);
  const training = location.run ? await readTraining(location.run.folder) : null;
  const wanted = { wanted: options.device, threads: threadsOf(options) };
  const model = await openModelOnDevice(location, wanted, signal);
  const { card, sha256, classifier, device, reason } = model;
  if (options.device === "auto") reporter.event({ event: "device", device, reason });
  const total = rows.length;
  const { probabilities, features } = await classifyRows(model, dataset, rows, {
    signal,
    onAnswers: ({ done }) => reporter.progress({ task: "evaluate", subject: split, done, total, unit: "patches" }),
  }).finally(() => classifier.close());
  return {
    dataset,
    split,
    rows,
    probabilities,
    name: location.name,
    card,
    device,
    modelSha256: sha256,
    leakage: await leakageOf(card, { dataset, split }, signal),
    likeness: await likenessOf(card, { dataset, rows, features }, signal),
    training,
    method: "a convolutional network",
    caveats: [],
    prevalences: options.prevalence,
    command: commandOf(options),
    versions: VERSIONS,
  };
}

/** The output folder: a new folder, or one inside the run, where earlier results are replaced. */
async function outputFolder({ out, split }: Checked, { run }: ModelLocation): Promise<OutputFolder | undefined> {
  if (out !== undefined) {
    await requireFreeFolder(out);
    return { path: out, isNew: true };
  }
  if (!run) return undefined;
  const path = join(run.folder, ownEvaluation(split));
  await requireNoLink(path, "The folder of the results", "folder");
  if ((await kindOf(path)) !== "file") return { path, isNew: false };
  throw new UserError(
    "path-is-file",
    `${path} is a file, but the results need a folder of that name: remove it, or choose another folder with --out.`,
  );
}

/** The command line for these options, without options that do not affect the results. */
function commandOf({ model, dataset, split, prevalence, device }: Checked): string {
  return shownCommand("evaluate", evaluateOptions, { model, dataset, split, prevalence, device });
}
