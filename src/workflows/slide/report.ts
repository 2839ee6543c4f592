/** Computes every number of a slide's report, slide.json. */
import { basename } from "node:path";
import type { Labels } from "../../artifacts/slide_labels.ts";
import { VERSIONS } from "../../artifacts/versions.ts";
import type { Ring } from "../../histology/slide/contours.ts";
import { squareStart } from "../../histology/slide/grid.ts";
import { levelFor } from "../../histology/slide/resample.ts";
import type { ScaleChoice } from "../../histology/slide/scale.ts";
import type { SlideScores } from "../../histology/slide/scores.ts";
import type { Slide } from "../../histology/slide/slide.ts";
import { namedModel } from "../../reports/named_model.ts";
import { pictureGridOf } from "../../reports/slide/maps.ts";
import { findingsOf, type IdcRegion } from "../../reports/slide/regions.ts";
import type { SlideReport } from "../../reports/slide/report.ts";
import { RESEARCH_USE_NOTICE } from "../../util/notice.ts";
import type { SlideJob, SlideModel } from "./job.ts";
import { agreementOf } from "./labels.ts";
import type { Settings } from "./settings.ts";

const SHOWN_REGIONS = 10;

export interface ScoredSlide {
  readonly slide: Slide;
  readonly scale: ScaleChoice;
  readonly scores: SlideScores;
  readonly labels: Labels | undefined;
  readonly settings: Settings;
  readonly model: SlideModel;
  readonly sha256: string;
}

export function slideReportOf(job: SlideJob, scored: ScoredSlide, regions: readonly IdcRegion[]): SlideReport {
  const { slide, scale, scores, labels, settings, model } = scored;
  const { grid } = scores;
  const { threshold } = model.card;
  const [{ width, height }] = slide.levels;
  const { pixel, ...pictures } = pictureGridOf(grid);
  const level = levelFor(slide, scale.scale);
  const { tiles, filled, absent } = slide.gapsOf(level);
  return {
    slide: {
      file: basename(job.path),
      sha256: scored.sha256,
      format: slide.format,
      width,
      height,
      levels: slide.levels.length,
      microns_per_pixel: slide.micronsPerPixel ?? null,
      tiles: { in_level: tiles, filled, absent },
      objective: slide.objective ?? null,
    },
    scale: {
      slide_pixels_per_model_pixel: scale.scale,
      reason: scale.reason,
      guessed: scale.guessed,
      microns_per_pixel: scale.micronsPerPixel ?? null,
      level,
    },
    grid: {
      columns: grid.columns,
      rows: grid.rows,
      patch: grid.side,
      stride: grid.stride,
      min_tissue: job.minTissue,
    },
    pictures: { slide_pixels_per_picture_pixel: pixel * grid.scale, ...pictures },
    threshold,
    findings: findingsOf(scores, regions, scale),
    regions: regions.slice(0, SHOWN_REGIONS).map(({ rings: [outline], ...region }) => ({
      patches: region.patches,
      mean_probability: region.meanProbability,
      max_probability: region.maxProbability,
      x: squareStart(leastOf(outline!, 0), grid) * grid.scale,
      y: squareStart(leastOf(outline!, 1), grid) * grid.scale,
    })),
    agreement:
      labels && job.labels
        ? { labels: basename(job.labels.path), case: job.labels.caseId, ...agreementOf(scores, labels, threshold) }
        : null,
    settings,
    model: namedModel(model.name, model.card),
    model_sha256: model.sha256,
    device: model.device,
    command: job.command,
    versions: VERSIONS,
    notice: RESEARCH_USE_NOTICE,
  };
}

/** The least column (axis 0) or row (axis 1). An outline may have more corners than a function may have arguments. */
export function leastOf(outline: Ring, axis: 0 | 1): number {
  return outline.reduce((least, corner) => Math.min(least, corner[axis]), Number.POSITIVE_INFINITY);
}
