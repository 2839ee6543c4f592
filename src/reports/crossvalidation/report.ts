/** The content of a cross-validation's report.json: every number of its page, each under a name. */
import type { PartCounts } from "../../histology/dataset/description.ts";
import type { Split } from "../../histology/dataset/split_names.ts";
import type { CaseSizes } from "../../metrics/clusters.ts";
import type { MetricName } from "../../metrics/table.ts";
import type { Confusion } from "../../metrics/tally.ts";
import type { Point } from "../charts/point.ts";
import type { Estimate } from "../estimate.ts";
import type { CaseRow, Intervals, Reliability } from "../evaluation/report.ts";

/** The mean and the standard deviation (n - 1) over the folds for which a metric is defined; null if undefined. */
export interface OverFolds {
  readonly mean: number | null;
  readonly standard_deviation: number | null;
  /** The number of folds for which the metric is defined. */
  readonly folds: number;
}

/** One fold: its model, and the results on the fold's own cases. */
export interface FoldReport {
  /** Starts at 1. */
  readonly fold: number;
  /** The run's folder, relative to the cross-validation's folder. */
  readonly run: string;
  /** The names of the test cases. */
  readonly cases: readonly string[];
  readonly counts: Record<Split, PartCounts>;
  readonly best_epoch: number | null;
  readonly threshold: number;
  readonly temperature: number;
  readonly confusion: Confusion;
  readonly metrics: Record<MetricName, Estimate>;
  readonly roc: readonly Point[];
  /** Whether the test split contains patches with the same pixels as patches of the training or validation split. */
  readonly leakage: boolean;
  readonly model_sha256: string;
}

export interface CrossvalidationReport {
  readonly patches: number;
  readonly cases: number;
  /** Each patch is classified with its fold's threshold. */
  readonly confusion: Confusion;
  /** Over all patches, each predicted by its fold's model. */
  readonly metrics: Record<MetricName, Estimate>;
  readonly intervals: Intervals;
  /** How unequal the case sizes are. */
  readonly case_sizes: CaseSizes;
  readonly over_folds: Record<MetricName, OverFolds>;
  readonly folds: readonly FoldReport[];
  readonly by_case: readonly (CaseRow & { readonly fold: number })[];
  /** Means over the cases for which a metric is defined; each case has the same weight. */
  readonly macro: Record<MetricName, Estimate & { readonly cases: number }>;
  readonly calibration: Reliability;
  readonly roc: readonly Point[];
  readonly model: { readonly model: string; readonly recipe: string; readonly class_names: readonly [string, string] };
  readonly settings: Readonly<Record<string, string | number | boolean>>;
  readonly dataset: {
    readonly folder: string;
    /** SHA-256 of the manifest. */
    readonly sha256: string;
    readonly records_sha256: string;
    readonly rejected: Readonly<Record<string, number>>;
  };
  /** The command line that reproduces this report. */
  readonly command: string;
  readonly versions: Readonly<Record<string, string>>;
  readonly notice: string;
}

/** The result of the command "crossvalidate" with all folds. */
export interface CrossvalidationResult {
  /** The folder that contains the folds and the report. */
  readonly folder: string;
  /** The path of report.html. */
  readonly page: string;
  readonly report: CrossvalidationReport;
  /** Empty: a report needs all folds. */
  readonly unfinished: readonly string[];
}

/** The result of one of several shards: its folds are done, and there is no report yet. */
export interface CrossvalidationShard {
  readonly folder: string;
  /** Such as "2/3". */
  readonly shard: string;
  /** The folders of the shard's folds in the folder of the cross-validation. */
  readonly folds: readonly string[];
  readonly notice: string;
}
