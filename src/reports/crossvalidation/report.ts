/** What report.json of a cross-validation holds: every number that its page shows, under its name. */
import type { PartCounts } from "../../histology/dataset/description.ts";
import type { Split } from "../../histology/dataset/split_names.ts";
import type { CaseSizes } from "../../metrics/clusters.ts";
import type { MetricName } from "../../metrics/table.ts";
import type { Confusion } from "../../metrics/tally.ts";
import type { Point } from "../charts/point.ts";
import type { Estimate } from "../estimate.ts";
import type { CaseRow, Intervals, Reliability } from "../evaluation/report.ts";

/** The mean and the standard deviation (n - 1) over the folds that define a metric; null if undefined. */
export interface OverFolds {
  readonly mean: number | null;
  readonly standard_deviation: number | null;
  /** How many folds define it. */
  readonly folds: number;
}

/** One fold: its model, and what that says of the fold's own cases. */
export interface FoldReport {
  /** From 1. */
  readonly fold: number;
  /** The folder of its run, in that of the cross-validation. */
  readonly run: string;
  /** The cases that it tests. */
  readonly cases: readonly string[];
  readonly counts: Record<Split, PartCounts>;
  readonly best_epoch: number | null;
  readonly threshold: number;
  readonly temperature: number;
  readonly confusion: Confusion;
  readonly metrics: Record<MetricName, Estimate>;
  readonly roc: readonly Point[];
  /** Whether its test part shares patches with what made its model, by their pixels. */
  readonly leakage: boolean;
  readonly model_sha256: string;
}

export interface CrossvalidationReport {
  readonly patches: number;
  readonly cases: number;
  /** Each patch called at the threshold of its fold. */
  readonly confusion: Confusion;
  /** Over all patches, each answered by the model of its fold. */
  readonly metrics: Record<MetricName, Estimate>;
  readonly intervals: Intervals;
  /** How unequal the cases are. */
  readonly case_sizes: CaseSizes;
  readonly over_folds: Record<MetricName, OverFolds>;
  readonly folds: readonly FoldReport[];
  readonly by_case: readonly (CaseRow & { readonly fold: number })[];
  /** Means over the cases that define a metric, each counting once. */
  readonly macro: Record<MetricName, Estimate & { readonly cases: number }>;
  readonly calibration: Reliability;
  readonly roc: readonly Point[];
  readonly model: { readonly model: string; readonly recipe: string; readonly class_names: readonly [string, string] };
  readonly settings: Readonly<Record<string, string | number | boolean>>;
  readonly dataset: {
    readonly folder: string;
    /** Of the manifest. */
    readonly sha256: string;
    readonly records_sha256: string;
    readonly rejected: Readonly<Record<string, number>>;
  };
  /** The command line that gives this report again. */
  readonly command: string;
  readonly versions: Readonly<Record<string, string>>;
  readonly notice: string;
}

/** What the verb "crossvalidate" gives. */
export interface CrossvalidationResult {
  /** The folder of the folds and the report. */
  readonly folder: string;
  /** report.html. */
  readonly page: string;
  readonly report: CrossvalidationReport;
}
