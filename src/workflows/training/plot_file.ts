/** The file of --plot: it lies outside the run's folder, and no picture of somebody else's may be lost to it. */
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

/** @throws UserError if the file of --plot exists and may not be replaced, or is one of the run's or the dataset's. */
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
 * Draws the plot without an epoch, so that from now on the file is the run's own, and every epoch may replace it. With --overwrite
 * it may be replaced in any case, and the old one stays until there is an epoch to show.
 * @throws UserError if a file of that name came up meanwhile.
 */
export async function claimPlot(options: PlotOptions, plan: TrainingDraft): Promise<void> {
  if (options.plot === undefined || options.overwrite) return;
  await publishFile(outputOf(plotPathOf(plan), options), await renderPng(historyChart([], plotTitle(plan))));
}
