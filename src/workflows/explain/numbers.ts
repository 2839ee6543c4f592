/** Converts explanations to the content of explain.json. */

import type { NumberMap } from "../../histology/image/overlay.ts";
import { AGREEMENT_LIMIT, mapsDisagree } from "../../reports/explanation/agreement.ts";
import { squareEdges } from "../../reports/explanation/occlusion.ts";
import type { ExplanationReport, MapRows } from "../../reports/explanation/report.ts";
import { exactDecimal } from "../../reports/prediction.ts";
import { shownPath } from "../../system/paths.ts";
import { SOFTWARE } from "../../system/version.ts";
import { RESEARCH_USE_NOTICE } from "../../util/notice.ts";
import type { Explainer, Explanation } from "./explainer.ts";
import type { PatchExplanation } from "./picture.ts";

const FORMAT = 1;
/** Significant digits of the maps; further digits are only float32 rounding. */
const MAP_DIGITS = 6;

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
      uses_neighbours: card.neighbourhood !== undefined,
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
      ...numbersOf(explanation),
    })),
  };
}

function numbersOf(explanation: Explanation) {
  const { probability, label, logit, logOdds, views, gradCam, drops, agreement } = explanation;
  return {
    probability,
    label,
    logit: exactDecimal(logit),
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

function rowsOf({ height, width, values }: NumberMap): MapRows {
  return Array.from({ length: height }, (_, row) =>
    Array.from({ length: width }, (__, column) => Number(values[row * width + column]!.toPrecision(MAP_DIGITS))),
  );
}
