/** Writes history.csv and the plot of the epochs so far. */
import { join } from "node:path";
import { historyCsv } from "../../artifacts/history.ts";
import { RUN_FILES } from "../../artifacts/run_files.ts";
import { historyChart } from "../../reports/training/history_chart.ts";
import { writeFileAtomically } from "../../system/files.ts";
import type { EpochRow } from "../../util/epoch.ts";
import { renderPng } from "../chart.ts";

/** @throws the signal's reason if it is aborted, after history.csv. */
export async function writeHistory(
  folder: string,
  history: readonly EpochRow[],
  plot: { path: string; title: string },
  signal: AbortSignal,
): Promise<void> {
  await writeFileAtomically(join(folder, RUN_FILES.history), historyCsv(history));
  // A stopped training ends without its picture, which takes long to draw; the next one draws it.
  signal.throwIfAborted();
  await writeFileAtomically(plot.path, await renderPng(historyChart(history, plot.title)));
}
