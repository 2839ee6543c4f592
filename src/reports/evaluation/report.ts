/** The content of report.json: every number of the page, each under a name. */
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
import type { Likeness } from "./likeness.ts";

/** How well the probabilities fit the labels. */
export interface Reliability {
  readonly log_loss: number | null;
  readonly brier: number | null;
  readonly calibration_error: number | null;
  readonly bins: readonly (Omit<ReliabilityBin, "meanProbability"> & { readonly mean_probability: number | null })[];
}

/** One case, which is one row of the table by case. */
export interface CaseRow {
  readonly case: string;
  readonly patches: number;
  readonly idc_share: number;
  readonly auroc: number | null;
  readonly sensitivity: number | null;
  readonly specificity: number | null;
}

/** Predictive values at a share of positive patches, with their 95 % intervals. */
export interface PredictiveRow {
  readonly prevalence: number;
  readonly ppv: number | null;
  readonly npv: number | null;
  readonly ppv_low: number | null;
  readonly ppv_high: number | null;
  readonly npv_low: number | null;
  readonly npv_high: number | null;
}

export interface EvaluationReport {
  readonly split: Split;
  readonly patches: number;
  readonly cases: number;
  readonly threshold: number;
  readonly confusion: Confusion;
  readonly metrics: Record<MetricName, Estimate>;
  readonly intervals: Intervals;
  /** How unequal the case sizes are; null if the dataset has no case names. */
  readonly case_sizes: CaseSizes | null;
  readonly by_case: readonly CaseRow[];
  /**
   * Means over the cases for which a metric is defined, each case with the same weight; null if the dataset has no case
   * names.
   */
  readonly macro: Record<MetricName, Estimate & { readonly cases: number }> | null;
  readonly operating_table: readonly OperatingRow[];
  readonly prevalence: {
    /** The share of positive patches among the evaluated patches. */
    readonly own: number;
    readonly at: readonly PredictiveRow[];
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
  /** Whether the cases look like the training's; absent in reports of earlier versions. */
  readonly likeness?: Likeness | undefined;
  readonly training: Training | null;
  /** The kind of model, for example "a convolutional network". */
  readonly method: string;
  /** Warnings for the reader that are not covered by other parts of the report, one sentence each. */
  readonly caveats: readonly string[];
  readonly model: NamedModel;
  readonly model_sha256: string;
  /** The device that computed the probabilities; rounding differs between devices. */
  readonly device: DeviceName;
  readonly dataset: {
    readonly folder: string;
    /** SHA-256 of the manifest. */
    readonly sha256: string;
    /** SHA-256 of the records. */
    readonly records_sha256: string;
    readonly same_as_in_training: boolean;
    readonly split_method: string;
    readonly split_seed: number | null;
    readonly counts: Record<Split, PartCounts>;
    readonly rejected: Readonly<Record<string, number>>;
    /** The cases of the evaluated split whose labels were corrected; absent if the dataset was not corrected. */
    readonly corrected_cases?: readonly string[] | undefined;
  };
  readonly command: string;
  readonly versions: Readonly<Record<string, string>>;
  readonly notice: string;
}

/** How the intervals were computed. */
export interface Intervals {
  readonly level: number;
  /** The unit of sampling: whole cases, or single patches if the dataset has no case names. */
  readonly unit: "cases" | "patches";
}

/** The result of the command "evaluate". */
export interface EvaluationResult {
  /** The output folder and the page in it; null if nothing was written. */
  readonly folder: string | null;
  readonly page: string | null;
  readonly report: EvaluationReport;
}
