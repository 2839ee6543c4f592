/** What report.json holds: every number that the page shows, under its name. */
import type { Training } from "../../artifacts/training.ts";
import type { DeviceName } from "../../engine/runtime/devices.ts";
import type { PartCounts } from "../../histology/dataset/description.ts";
import type { Split } from "../../histology/dataset/split_names.ts";
import type { ReliabilityBin } from "../../metrics/calibration.ts";
import type { CaseSizes } from "../../metrics/clusters.ts";
import type { DecisionPoint } from "../../metrics/decision_curve.ts";
import type { OperatingRow } from "../../metrics/operating_point.ts";
import type { MetricName } from "../../metrics/table.ts";
import type { Confusion } from "../../metrics/tally.ts";
import type { Point } from "../charts/point.ts";
import type { Estimate } from "../estimate.ts";
import type { NamedModel } from "../named_model.ts";
import type { ScoreBin } from "./curves.ts";
import type { Gallery } from "./gallery.ts";
import type { Leakage } from "./leakage.ts";

/** How far probabilities are from the labels. */
export interface Reliability {
  readonly log_loss: number | null;
  readonly brier: number | null;
  readonly calibration_error: number | null;
  readonly bins: readonly (Omit<ReliabilityBin, "meanProbability"> & { readonly mean_probability: number | null })[];
}

/** One case, or one row of the table by case. */
export interface CaseRow {
  readonly case: string;
  readonly patches: number;
  readonly idc_share: number;
  readonly auroc: number | null;
  readonly sensitivity: number | null;
  readonly specificity: number | null;
}

export interface EvaluationReport {
  readonly split: Split;
  readonly patches: number;
  readonly cases: number;
  readonly threshold: number;
  readonly confusion: Confusion;
  readonly metrics: Record<MetricName, Estimate>;
  readonly intervals: Intervals;
  /** How unequal the cases are; null if the dataset names no cases. */
  readonly case_sizes: CaseSizes | null;
  readonly by_case: readonly CaseRow[];
  /** Means over the cases that define a metric, each counting once; null if the dataset names no cases. */
  readonly macro: Record<MetricName, Estimate & { readonly cases: number }> | null;
  readonly operating_table: readonly OperatingRow[];
  readonly prevalence: {
    /** The share of IDC among the evaluated patches. */
    readonly own: number;
    readonly at: readonly { readonly prevalence: number; readonly ppv: number | null; readonly npv: number | null }[];
  };
  readonly calibration: {
    readonly temperature: number;
    /** Without temperature scaling; null if the temperature is 1. */
    readonly before: Reliability | null;
    readonly after: Reliability;
  };
  readonly roc: readonly Point[];
  readonly precision_recall: readonly Point[];
  readonly scores: readonly ScoreBin[];
  readonly decision_curve: readonly DecisionPoint[];
  readonly gallery: Gallery;
  readonly leakage: Leakage;
  readonly training: Training | null;
  /** What kind of model it is: "a convolutional network". */
  readonly method: string;
  /** What a reader has to know before believing the numbers and the rest does not say, a sentence each. */
  readonly caveats: readonly string[];
  readonly model: NamedModel;
  readonly model_sha256: string;
  /** What computed: the rounding differs from device to device. */
  readonly device: DeviceName;
  readonly dataset: {
    readonly folder: string;
    /** Of the manifest. */
    readonly sha256: string;
    /** Of the records. */
    readonly records_sha256: string;
    readonly same_as_in_training: boolean;
    readonly split_method: string;
    readonly split_seed: number | null;
    readonly counts: Record<Split, PartCounts>;
    readonly rejected: Readonly<Record<string, number>>;
  };
  readonly command: string;
  readonly versions: Readonly<Record<string, string>>;
  readonly notice: string;
}

/** How the intervals were made. */
export interface Intervals {
  readonly level: number;
  /** What they take to be drawn at random: whole cases, or single patches if the dataset names no cases. */
  readonly unit: "cases" | "patches";
}

/** What the verb "evaluate" gives. */
export interface EvaluationResult {
  /** The folder that was filled, and the page in it; null if nothing was written. */
  readonly folder: string | null;
  readonly page: string | null;
  readonly report: EvaluationReport;
}
