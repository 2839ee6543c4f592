/** The data of a comparison of runs. */
import type { Evaluation } from "../../artifacts/evaluation.ts";
import type { ClassNames } from "../../histology/dataset/class_names.ts";
import type { Split } from "../../histology/dataset/split_names.ts";
import type { CaseSizes } from "../../metrics/clusters.ts";
import type { MetricEstimate } from "../../metrics/intervals.ts";
import type { PairedDifference } from "../../metrics/paired.ts";
import type { MetricName } from "../../metrics/table.ts";
import type { Intervals } from "../evaluation/report.ts";

/** A run with its metrics at its own model's threshold. */
export interface ComparedRun {
  readonly run: string;
  readonly model: Omit<Evaluation["report"]["model"], "class_names">;
  readonly threshold: number;
  readonly metrics: Record<MetricName, MetricEstimate>;
}

/** What --json prints. */
export interface Comparison {
  readonly split: Split;
  /** The names of class 0 and class 1; absent if they are "no IDC" and "IDC". */
  readonly classes?: ClassNames | undefined;
  readonly patches: number;
  readonly cases: number;
  /** The cases that were left out because one of the datasets has corrected labels there; absent if there are none. */
  readonly left_out?: readonly string[] | undefined;
  readonly intervals: Intervals;
  /** How unequal the case sizes are; null if no patch has a case name. */
  readonly case_sizes: CaseSizes | null;
  /** In the order of the command's arguments. */
  readonly runs: readonly ComparedRun[];
  /** Each run except the first, minus the first. */
  readonly differences: readonly {
    readonly run: string;
    readonly minus: string;
    readonly metrics: Record<MetricName, PairedDifference>;
  }[];
  readonly notice: string;
}
