/** The numbers of an explanation as explain.json holds them. */

import type { ClassNames } from "../../histology/dataset/class_names.ts";
import type { NumberMap } from "../../histology/image/overlay.ts";
import { AGREEMENT_LIMIT, mapsDisagree } from "../../reports/explanation/agreement.ts";
import { squareEdges } from "../../reports/explanation/occlusion.ts";
import { exactDecimal } from "../../reports/prediction.ts";
import { shownPath } from "../../system/paths.ts";
import { SOFTWARE } from "../../system/version.ts";
import { RESEARCH_USE_NOTICE } from "../../util/notice.ts";
import type { Explainer, Explanation } from "./explainer.ts";
import type { PatchExplanation } from "./picture.ts";

const FORMAT = 1;
/** More digits of a map are float32's rounding. */
const MAP_DIGITS = 6;

/** A map's rows from the top, each from the left. */
type Rows = readonly (readonly number[])[];

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
    readonly heeds_neighbours: boolean;
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

interface ExplainedPatch {
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
  readonly grad_cam: Rows;
  /** The fall of the log odds with each square hidden, by its edges. */
  readonly occlusion: Rows;
  /** Spearman's rank correlation of both maps at Grad-CAM's resolution; null if one is constant. */
  readonly agreement: number | null;
  /** Whether that is below `agreement_limit`, or not defined. */
  readonly maps_disagree: boolean;
}

export function explanationReport(
  { card, calibration, side, layer, squares }: Explainer,
  model: { readonly name: string; readonly sha256: string },
  patches: readonly PatchExplanation[],
): ExplanationReport {
  return {
    format: FORMAT,
    notice: RESEARCH_USE_NOTICE,
    software: SOFTWARE,
    model: {
      ...model,
      architecture: card.model,
      class_names: card.class_names,
      threshold: card.threshold,
      views: card.views,
      calibration,
      heeds_neighbours: card.neighbourhood !== undefined,
    },
    settings: {
      input_pixels: side,
      layer: layer.name,
      square_pixels: squares.square,
      stride_pixels: squares.stride,
      square_edges: squareEdges(side, squares),
      filled_with: "the mean colour of the patch",
      agreement_limit: AGREEMENT_LIMIT,
    },
    patches: patches.map(({ patch: { file, at, resizedFrom }, explanation }) => ({
      file: shownPath(file),
      at: at ? [at.x, at.y] : null,
      resized_from: resizedFrom ?? null,
      ...numbersOf(explanation, calibration),
    })),
  };
}

function numbersOf(explanation: Explanation, { scale, offset }: Explainer["calibration"]) {
  const { probability, label, logOdds, views, gradCam, drops, agreement } = explanation;
  return {
    probability,
    label,
    logit: exactDecimal((logOdds - offset) / scale),
    log_odds: exactDecimal(logOdds),
    views: {
      probabilities: views.probabilities.map(exactDecimal),
      log_odds: views.logOdds.map(exactDecimal),
      mean_log_odds: exactDecimal(views.meanLogOdds),
      sd_log_odds: exactDecimal(views.sdLogOdds),
      lowest_probability: exactDecimal(Math.min(...views.probabilities)),
      highest_probability: exactDecimal(Math.max(...views.probabilities)),
    },
    grad_cam: rowsOf(gradCam),
    occlusion: rowsOf(drops),
    agreement: agreement === null ? null : exactDecimal(agreement),
    maps_disagree: mapsDisagree(agreement),
  };
}

function rowsOf({ height, width, values }: NumberMap): Rows {
  return Array.from({ length: height }, (_, row) =>
    Array.from({ length: width }, (__, column) => Number(values[row * width + column]!.toPrecision(MAP_DIGITS))),
  );
}
