/**
 * The command "crossvalidate": splits a dataset by case into folds, makes a run for each fold, and writes one report
 * over all folds.
 */
import { join } from "node:path";
import type { z } from "zod";
import {
  CROSSVALIDATION_FILES,
  type CrossvalidationDescription,
  foldPlaces,
  readDescription,
  writeDescription,
} from "../artifacts/crossvalidation_folder.ts";
import { EVALUATION_FILES, PREDICTION_COLUMNS, predictionCells } from "../artifacts/evaluation_folder.ts";
import { VERSIONS } from "../artifacts/versions.ts";
import { type Dataset, withDataset } from "../histology/dataset/dataset.ts";
import { foldOf, foldsOf } from "../histology/dataset/folds.ts";
import { checkedOptions } from "../options/checked_options.ts";
import { commandWords } from "../options/command_line.ts";
import { type CrossvalidateOptions, crossvalidateOptions, DEFAULT_FOLDS } from "../options/crossvalidate.ts";
import { type FixedSettings, newSettings } from "../options/training/settings.ts";
import { drawCrossvalidation } from "../reports/crossvalidation/charts.ts";
import { crossvalidationPage } from "../reports/crossvalidation/page.ts";
import type { CrossvalidationReport, CrossvalidationResult } from "../reports/crossvalidation/report.ts";
import { writeFileAtomically } from "../system/files.ts";
import { withRunLock } from "../system/folder_lock.ts";
import { removeAllLeftovers } from "../system/leftovers.ts";
import { createOutputFolder, requireFreeFolder, requireOnly } from "../system/output_folder.ts";
import { pathFrom, resolveFrom } from "../system/paths.ts";
import type { Context } from "../util/context.ts";
import { toCsv } from "../util/csv.ts";
import { UserError } from "../util/errors.ts";
import { RESEARCH_USE_NOTICE } from "../util/notice.ts";
import type { Numbered } from "../util/reporter.ts";
import { finishFold } from "./crossvalidation/fold.ts";
import { crossvalidationReport, type FoldResult, testRowsOf } from "./crossvalidation/numbers.ts";
import { shownCommand } from "./shown_command.ts";
import { chooseWhatRuns } from "./training/plan.ts";
import { goOnWith, requireAgreement, requireSameDataset } from "./training/resume_rules.ts";

export type { CrossvalidationReport, CrossvalidationResult };

type Checked = z.output<typeof crossvalidateOptions>;

/**
 * Trains and evaluates a model for each fold of whole cases, and reports on all folds together. An interrupted
 * cross-validation continues with `resume` and gives the same bytes in the end.
 * @throws UserError if the dataset, the folder or the cross-validation to resume is not usable, or if a training
 *   diverges.
 */
export async function crossvalidate(given: CrossvalidateOptions, context: Context): Promise<CrossvalidationResult> {
  const options = checkedOptions(crossvalidateOptions, given);
  return options.resume === undefined ? begin(options, context) : goOn(options.resume, options, context);
}

async function begin(options: Checked, context: Context): Promise<CrossvalidationResult> {
  const { dataset: place, out: folder } = options;
  if (place === undefined)
    throw new UserError("option-missing", "<dataset> is required: name the folder of a prepared dataset.");
  if (folder === undefined)
    throw new UserError("option-missing", "--out is required: name a new folder for the cross-validation.");
  return withDataset(place, context.signal, async (dataset) => {
    await requireFreeFolder(folder, "--out", CROSSVALIDATION_FILES.lock);
    const description = await describe(dataset, folder, options, context);
    await createOutputFolder(folder, "--out", CROSSVALIDATION_FILES.lock);
    return withRunLock(folder, CROSSVALIDATION_FILES.lock, async () => {
      await requireOnly(folder, CROSSVALIDATION_FILES.lock);
      await writeDescription(folder, description);
      const written = await readDescription(folder);
      return finish({ folder, dataset, description: written, settings: written.options }, context);
    });
  });
}

/** Everything that is fixed before the first fold. If the device is "auto", it is chosen once for all folds. */
async function describe(
  dataset: Dataset,
  folder: string,
  options: Checked,
  context: Context,
): Promise<Omit<CrossvalidationDescription, "format">> {
  const wanted = newSettings(options, dataset.side);
  const folds = foldsOf(dataset, options.folds ?? DEFAULT_FOLDS, wanted.seed);
  const draft = { settings: wanted, folder, dataset: foldOf(dataset, folds, 0) };
  const { settings, reasons } = await chooseWhatRuns(draft, context);
  return {
    software: VERSIONS,
    command: commandOf(options),
    dataset: { folder: pathFrom(folder, dataset.folder), sha256: dataset.description.sha256 },
    seed: folds.seed,
    folds: folds.cases.map((cases) => [...cases]),
    options: settings,
    reason: reasons.engine,
    device_reason: reasons.device,
    notice: RESEARCH_USE_NOTICE,
  };
}

async function goOn(folder: string, options: Checked, context: Context): Promise<CrossvalidationResult> {
  const description = await readDescription(folder);
  const begun = { what: `the cross-validation ${folder}`, restart: "start again with --out" };
  requireAgreement(options, { folds: description.folds.length }, begun);
  const settings = goOnWith(description.options, options, begun);
  return withRunLock(folder, CROSSVALIDATION_FILES.lock, () =>
    withDataset(options.dataset ?? resolveFrom(folder, description.dataset.folder), context.signal, (dataset) => {
      requireSameDataset(dataset, description.dataset.sha256, begun);
      return finish({ folder, dataset, description, settings }, context);
    }),
  );
}

/** A cross-validation in progress. */
interface Work {
  readonly folder: string;
  readonly dataset: Dataset;
  readonly description: CrossvalidationDescription;
  /** The settings of the description, updated with new options that do not affect results. */
  readonly settings: FixedSettings;
}

/**
 * Completes every fold, then writes the report. The report depends on the folds only, so it can be written again at any
 * time.
 */
async function finish(
  { folder, dataset, description, settings }: Work,
  context: Context,
): Promise<CrossvalidationResult> {
  const { reporter, signal } = context;
  const { seed, folds: cases } = description;
  try {
    await removeAllLeftovers(folder);
    const results: FoldResult[] = [];
    for (const place of cases.keys()) {
      const numbered = { number: place + 1, of: cases.length };
      const fold = foldOf(dataset, { seed, cases }, place);
      const { train, val, test } = fold.description.counts;
      const sizes = { train_cases: train.cases, val_cases: val.cases, test_cases: test.cases };
      reporter.event({ event: "fold", status: "started", ...numbered, ...sizes });
      const work = { fold, places: foldPlaces(folder, place), settings };
      const evaluation = await finishFold(work, contextOf(numbered, context));
      const { threshold, model } = evaluation.report;
      const kept = { epoch: model.epoch, threshold, positive: dataset.classNames[1] };
      reporter.event({ event: "fold", status: "done", ...numbered, ...kept });
      results.push({ fold, evaluation });
    }
    const report = await crossvalidationReport({ folder, description }, results, context);
    const page = crossvalidationPage(report, await drawCrossvalidation(report, signal));
    signal.throwIfAborted();
    await writeFileAtomically(join(folder, EVALUATION_FILES.predictions), predictionsCsv(results));
    await writeFileAtomically(join(folder, EVALUATION_FILES.page), page);
    await writeFileAtomically(join(folder, EVALUATION_FILES.report), `${JSON.stringify(report, null, 2)}\n`);
    return { folder, page: join(folder, EVALUATION_FILES.page), report };
  } catch (error) {
    if (signal.aborted) {
      const command = commandWords("crossvalidate", crossvalidateOptions, { resume: folder });
      reporter.event({ event: "resumable", command, kept: "the last checkpoint of the current fold" });
    }
    throw error;
  }
}

/**
 * The context for a fold's commands: their reports carry the fold's number. Their events about kept and resumable work
 * are dropped, because the cross-validation reports its own.
 */
function contextOf(fold: Numbered, { reporter, signal }: Context): Context {
  return {
    signal,
    reporter: {
      warn: (sentence) => reporter.warn(`Fold ${fold.number}/${fold.of}: ${sentence}`),
      progress: (progress) => reporter.progress({ ...progress, fold }),
      event(event) {
        if (event.event === "epoch") reporter.event({ ...event, fold });
      },
    },
  };
}

/** One row per patch, fold after fold, each fold in the order of the dataset. */
function predictionsCsv(results: readonly FoldResult[]): string {
  const rows = results.flatMap(({ fold, evaluation: { report, answers } }, place) =>
    testRowsOf(fold).map((row) => [
      ...predictionCells(row, answers.get(row.id)!.probability, report.threshold),
      place + 1,
    ]),
  );
  return toCsv([...PREDICTION_COLUMNS, "fold"], rows);
}

/** The command line for these options, without options that do not affect the results. */
function commandOf({ threads: _, checkpointEvery: __, folds = DEFAULT_FOLDS, ...options }: Checked): string {
  return shownCommand("crossvalidate", crossvalidateOptions, { ...options, folds });
}
