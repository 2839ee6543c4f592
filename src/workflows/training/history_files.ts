/** Writes history.csv and the plot of all epochs so far. */
import { join } from "node:path";
import { historyCsv } from "../../artifacts/history.ts";
import { RUN_FILES } from "../../artifacts/run_files.ts";
import type { Kept } from "../../options/training/keep.ts";
import { historyChart } from "../../reports/training/history_chart.ts";
import { writeFileAtomically } from "../../system/files.ts";
import type { EpochRow } from "../../util/epoch.ts";
import { renderPng } from "../chart.ts";

/** @throws the signal's reason if it is aborted; history.csv is written even then. */
export async function writeHistory(
  folder: string,
  history: readonly EpochRow[],
  plot: { path: string; title: string; kept: Kept | undefined },
  signal: AbortSignal,
): Promise<void> {
  await writeFileAtomically(join(folder, RUN_FILES.history), historyCsv(history, plot.kept));
  // The plot takes long to draw, so an aborted training skips it. Resuming the training draws it.
  signal.throwIfAborted();
  await writeFileAtomically(plot.path, await renderPng(historyChart(history, plot)));
}
