/** The file of --plot. It is outside the run's folder, so it must not overwrite a file of the user. */
import { join } from "node:path";
import { CHECKPOINT_FILES, RUN_FILES } from "../../artifacts/run_files.ts";
import { datasetPaths } from "../../histology/dataset/description_file.ts";
import type { CheckedTrainOptions } from "../../options/training/options.ts";
import { historyChart } from "../../reports/training/history_chart.ts";
import { type OutputFile, publishFile, requireOutputFile } from "../../system/output_file.ts";
import type { Context } from "../../util/context.ts";
import { renderPng } from "../chart.ts";
import { plotPathOf, plotTitle, type TrainingDraft } from "./plan.ts";

type PlotOptions = Pick<CheckedTrainOptions, "plot" | "overwrite">;

const outputOf = (path: string, { overwrite }: PlotOptions): OutputFile => ({ path, flag: "--plot", overwrite });

/**
 * @throws UserError if the file of --plot exists and may not be replaced, or if it is one of the run's or the dataset's
 *   files.
 */
export async function requirePlot(
  options: PlotOptions,
  { folder, datasetFolder }: { folder: string; datasetFolder: string },
  { reporter }: Context,
): Promise<void> {
  if (options.plot === undefined) return;
  const { plot: _, ...others } = RUN_FILES;
  const kept = [...Object.values(others), ...CHECKPOINT_FILES].map((name) => join(folder, name));
  await requireOutputFile(outputOf(options.plot, options), [...kept, ...datasetPaths(datasetFolder)], (line) =>
    reporter.warn(line),
  );
}

/**
 * Draws an empty plot. From now on the file belongs to the run, and every epoch may replace it. With --overwrite
 * nothing is drawn: the file may be replaced anyway, and the old one stays until there is an epoch to show.
 * @throws UserError if a file with that name has appeared meanwhile.
 */
export async function claimPlot(options: PlotOptions, plan: TrainingDraft): Promise<void> {
  if (options.plot === undefined || options.overwrite) return;
  await publishFile(outputOf(plotPathOf(plan), options), await renderPng(historyChart([], { title: plotTitle(plan) })));
}
