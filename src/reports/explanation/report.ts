/** The content of explain.json, and the result of the command "explain". */
import type { ClassNames } from "../../histology/dataset/class_names.ts";

/** The rows of a map, from top to bottom; each row from left to right. */
export type MapRows = readonly (readonly number[])[];

/**
 * The content of explain.json. Log odds use the natural logarithm and belong to the calibrated probability: scale *
 * logit + offset.
 */
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
    /** The number of views of a patch that the model averages over. */
    readonly views: number;
    readonly calibration: { readonly scale: number; readonly offset: number };
    /** Whether the model uses neighbouring patches if they are available. A single patch has none. */
    readonly uses_neighbours: boolean;
  };
  readonly settings: {
    /** The side of the model's input in pixels. Maps and squares use these pixels. */
    readonly input_pixels: number;
    readonly layer: string;
    readonly square_pixels: number;
    readonly stride_pixels: number;
    /** The left and upper edges of the squares. */
    readonly square_edges: readonly number[];
    readonly filled_with: string;
    /** Maps with a lower rank correlation disagree. */
    readonly agreement_limit: number;
  };
  readonly patches: readonly ExplainedPatch[];
}

export interface ExplainedPatch {
  readonly file: string;
  /** The left upper corner of the patch in the image; null if the option was not given. */
  readonly at: readonly [number, number] | null;
  readonly resized_from: readonly [number, number] | null;
  readonly probability: number;
  readonly label: string;
  readonly logit: number;
  readonly log_odds: number;
  /** The results for each flip and rotation alone. */
  readonly views: {
    readonly probabilities: readonly number[];
    readonly log_odds: readonly number[];
    readonly mean_log_odds: number;
    readonly sd_log_odds: number;
    readonly lowest_probability: number;
    readonly highest_probability: number;
  };
  /** Positive values point to the positive class. Grad-CAM as published keeps only the positive values. */
  readonly grad_cam: MapRows;
  /** The drop of the log odds per hidden square; rows and columns follow `square_edges`. */
  readonly occlusion: MapRows;
  /** Spearman's rank correlation between the two maps, at Grad-CAM's resolution; null if a map is constant. */
  readonly agreement: number | null;
  /** Whether `agreement` is null or below `agreement_limit`. */
  readonly maps_disagree: boolean;
}

/** The result of the command "explain". */
export interface ExplanationResult {
  readonly folder: string;
  /** The file of the picture that shows all patches. */
  readonly picture: string;
  /** The image files as the user named them, in the order of the report's patches. */
  readonly files: readonly string[];
  readonly report: ExplanationReport;
}
