/** The content of a sweep's sweep.json: every number of its page, each under a name. */
import type { ClassNames } from "../../histology/dataset/class_names.ts";
import type { CaseSizes } from "../../metrics/clusters.ts";
import type { MetricName } from "../../metrics/table.ts";
import type { Estimate } from "../estimate.ts";
import type { Intervals } from "../evaluation/report.ts";

/** The names of the files of a sweep's summary. */
export const SWEEP_FILES = { report: "sweep.json", table: "sweep.csv", page: "index.html" } as const;

/** A metric of the table, or the mean over cases of the AUROC, which a sweep of cross-validations has. */
export type SweepMetric = MetricName | "auroc_over_cases";

/** By metric; `auroc_over_cases` is absent without folds. */
export type BySweepMetric<T> = Record<MetricName, T> & { readonly auroc_over_cases?: T };

/** A setting with a seed. */
export interface SweepRowReport {
  readonly setting: string;
  readonly seed: number;
  /** The folder of the run or the cross-validation, from the folder of the sweep on. */
  readonly folder: string;
  readonly status: "done" | "failed" | "unfinished";
  /** Why it failed; null if it has not. */
  readonly error: string | null;
  /** Null unless it is done. */
  readonly metrics: BySweepMetric<number | null> | null;
}

/** The mean and the standard deviation (n - 1) over the seeds that define a metric; null if undefined. */
export interface OverSeeds {
  readonly mean: number | null;
  readonly standard_deviation: number | null;
  readonly seeds: number;
}

export interface SettingReport {
  readonly setting: string;
  /** What the table gives, besides the name. */
  readonly options: Readonly<Record<string, string | number | boolean>>;
  /** The seeds that are done. */
  readonly seeds: readonly number[];
  readonly metrics: BySweepMetric<OverSeeds>;
}

/** A difference averaged over seeds, with its interval for other cases and other seeds. */
export interface SeededEstimate extends Estimate {
  readonly seeds: number;
  readonly standard_error: number | null;
  readonly degrees: number | null;
}

/** A setting minus the baseline, over the seeds with which both are done. */
export interface DifferenceReport {
  readonly setting: string;
  readonly minus: string;
  readonly seeds: readonly number[];
  readonly metrics: BySweepMetric<SeededEstimate>;
}

export interface SweepReport {
  /** What was done for each setting and seed. */
  readonly folds: number | null;
  readonly classes: ClassNames;
  /** What was tested with each seed; null if nothing is done yet. */
  readonly patches: number | null;
  readonly cases: number | null;
  readonly intervals: Intervals | null;
  readonly case_sizes: CaseSizes | null;
  readonly baseline: string;
  readonly settings: readonly SettingReport[];
  readonly differences: readonly DifferenceReport[];
  readonly rows: readonly SweepRowReport[];
  readonly dataset: { readonly folder: string; readonly sha256: string; readonly records_sha256: string };
  readonly device: string;
  /** The command line that reproduces this report. */
  readonly command: string;
  /** Name and version of this program. */
  readonly software: string;
  readonly notice: string;
}

/** The result of the command "sweep" in one process, and of "gather". */
export interface SweepResult {
  readonly folder: string;
  /** The path of index.html. */
  readonly page: string;
  readonly report: SweepReport;
  /** The units that are not done yet. */
  readonly unfinished: readonly string[];
}

/** The result of one of several shards. */
export interface SweepShard {
  readonly folder: string;
  /** Such as "2/3". */
  readonly shard: string;
  /** The units that this process has done or found done. */
  readonly units: readonly string[];
  /** Why units failed, by name. */
  readonly failed: Readonly<Record<string, string>>;
  readonly notice: string;
}
