/** A cross-validation as lines for the terminal, and the sentences that the terminal and the page share. */
import { METRIC_NAMES, type MetricName, metricTitle } from "../../metrics/table.ts";
import { counted, whole } from "../../util/numbers.ts";
import { tableLines } from "../../util/table.ts";
import { classWords } from "../class_words.ts";
import { caseSizesText, INTERVALS_COVER, intervalsMade } from "../evaluation/interval_text.ts";
import { cell, decimal, percent, range } from "../html/elements.ts";
import { shardLines } from "../units_text.ts";
import type { CrossvalidationReport, CrossvalidationResult, CrossvalidationShard, FoldReport } from "./report.ts";

/** The metrics in the row of a fold. */
export const FOLD_METRICS = [
  "auroc",
  "balanced_accuracy",
  "sensitivity",
  "specificity",
  "f1",
  "calibration_error",
] as const satisfies readonly MetricName[];

/** What a reader needs to know to interpret these numbers, one or two sentences per item. */
export function meaningOf({ intervals, cases, case_sizes, folds }: CrossvalidationReport): string[] {
  return [
    `Over all patches: each patch has the probability that the model of its fold gave it, and that model never saw its case. AUROC and its like then rank probabilities of ${counted(folds.length, "model")} together, which may be scaled differently; the mean over folds does not have this problem, but counts a small fold as much as a large one.`,
    "What depends on a threshold is counted with each patch called at the threshold of its own fold, chosen on that fold's validation cases.",
    `The patches are of ${caseSizesText(cases, case_sizes)}.`,
    `${intervalsMade(intervals)} ${INTERVALS_COVER} They treat the folds' models as given, though these share training cases.`,
    "The folds are not independent, as one trains on what another tests: the standard deviation over folds is no standard error, and no unbiased estimate of the variance exists (Bengio & Grandvalet 2004).",
  ];
}

/** The cells of a fold's row: its counts, its chosen epoch, threshold and temperature, and its metrics. */
export function foldCells({ fold, counts, best_epoch, threshold, temperature, metrics }: FoldReport): string[] {
  const { cases, patches, idc } = counts.test;
  return [
    String(fold),
    whole(cases),
    whole(patches),
    percent(idc / patches),
    String(best_epoch),
    decimal(threshold),
    decimal(temperature, 2),
    ...FOLD_METRICS.map((name) => cell(metrics[name].value)),
  ];
}

/** The column titles for `foldCells`. */
export function foldColumns({ model }: CrossvalidationReport): string[] {
  const { positive } = classWords(model.class_names);
  const titles: Record<(typeof FOLD_METRICS)[number], string> = {
    auroc: "AUROC",
    balanced_accuracy: "bal. acc.",
    sensitivity: "sens.",
    specificity: "spec.",
    f1: `F1 (${positive})`,
    calibration_error: "cal. error",
  };
  return [...["fold", "cases", "patches", positive, "epoch", "threshold", "temp."], ...Object.values(titles)];
}

/** The rows below the folds: the mean and the standard deviation of each metric. */
export function spreadCells(report: CrossvalidationReport): string[][] {
  const empty = foldColumns(report).length - FOLD_METRICS.length - 1;
  const row = (title: string, of: "mean" | "standard_deviation") => [
    title,
    ...new Array<string>(empty).fill(""),
    ...FOLD_METRICS.map((name) => cell(report.over_folds[name][of])),
  ];
  return [row("mean", "mean"), row("SD", "standard_deviation")];
}

/** The result of the command "crossvalidate". */
export function crossvalidationLines(result: CrossvalidationResult | CrossvalidationShard): string[] {
  if ("shard" in result) {
    const { shard, folds, folder, notice } = result;
    return shardLines(shard, counted(folds.length, "fold"), folder, notice);
  }
  const { page, report } = result;
  const { model, folds, cases, patches, metrics, over_folds } = report;
  return [
    "",
    `${model.model} (${model.recipe} recipe) in ${counted(folds.length, "fold")}: ${counted(patches, "patch")} of ${counted(cases, "case")}, each tested once.`,
    "",
    ...tableLines(foldColumns(report), [...folds.map(foldCells), ...spreadCells(report)]),
    "",
    ...tableLines(
      ["metric", "all patches", "95 % interval", "mean over folds", "SD"],
      METRIC_NAMES.map((name) => [
        metricTitle(name, model.class_names[1]),
        cell(metrics[name].value),
        metrics[name].low === null ? "-" : range(metrics[name]),
        cell(over_folds[name].mean),
        cell(over_folds[name].standard_deviation),
      ]),
    ),
    "",
    ...meaningOf(report),
    `The whole report is ${page}; its numbers and the predictions are in the same folder.`,
    report.notice,
  ];
}
