/** What explain.json holds, and what the verb "explain" gives. */
import type { ClassNames } from "../../histology/dataset/class_names.ts";

/** A map's rows from the top, each from the left. */
export type MapRows = readonly (readonly number[])[];

/** The content of explain.json. Log odds are natural, and those of the calibrated probability: scale * logit + offset. */
export interface ExplanationReport {
  readonly format: number;
  readonly notice: string;
  readonly software: string;
  readonly model: {
    readonly name: string;
    readonly sha256: string;
    readonly architecture: string;
    readonly class_names: ClassNames;
    readonly threshold: number;
    /** Over how many views of a patch the model averages. */
    readonly views: number;
    readonly calibration: { readonly scale: number; readonly offset: number };
    /** Whether the model would use neighbours, which a lone patch does not have. */
    readonly uses_neighbours: boolean;
  };
  readonly settings: {
    /** The size of what the model sees; maps and squares lie on it. */
    readonly input_pixels: number;
    readonly layer: string;
    readonly square_pixels: number;
    readonly stride_pixels: number;
    /** The left and upper edges of the squares. */
    readonly square_edges: readonly number[];
    readonly filled_with: string;
    /** Maps of a lower rank correlation disagree. */
    readonly agreement_limit: number;
  };
  readonly patches: readonly ExplainedPatch[];
}

export interface ExplainedPatch {
  readonly file: string;
  /** The left upper corner in the image, if one was asked for. */
  readonly at: readonly [number, number] | null;
  readonly resized_from: readonly [number, number] | null;
  readonly probability: number;
  readonly label: string;
  readonly logit: number;
  readonly log_odds: number;
  /** Each flip and turn alone. */
  readonly views: {
    readonly probabilities: readonly number[];
    readonly log_odds: readonly number[];
    readonly mean_log_odds: number;
    readonly sd_log_odds: number;
    readonly lowest_probability: number;
    readonly highest_probability: number;
  };
  /** Towards the positive class above 0; Grad-CAM as published is the part above 0. */
  readonly grad_cam: MapRows;
  /** The fall of the log odds with each square hidden, by its edges. */
  readonly occlusion: MapRows;
  /** Spearman's rank correlation of both maps at Grad-CAM's resolution; null if one is constant. */
  readonly agreement: number | null;
  /** Whether that is below `agreement_limit`, or not defined. */
  readonly maps_disagree: boolean;
}

/** What the verb "explain" gives. */
export interface ExplanationResult {
  readonly folder: string;
  /** The picture of all patches. */
  readonly picture: string;
  /** The images as they were named, in the order of the report's patches. */
  readonly files: readonly string[];
  readonly report: ExplanationReport;
}
