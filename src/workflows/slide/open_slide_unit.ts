/** Opens one slide for scoring: finds that it is already done, or scores it and fills a folder. */
import { basename, join } from "node:path";
import { recordSideOf } from "../../artifacts/model_card.ts";
import {
  openScoreFile,
  removeScoreFile,
  SCORES_FILE,
  type ScoringFacts,
  takeScores,
} from "../../artifacts/partial_scores.ts";
import { readLabels } from "../../artifacts/slide_labels.ts";
import { gridOf } from "../../histology/slide/grid.ts";
import { openSlide } from "../../histology/slide/open.ts";
import { levelFor } from "../../histology/slide/resample.ts";
import { type ScaleChoice, scaleOf } from "../../histology/slide/scale.ts";
import type { Slide } from "../../histology/slide/slide.ts";
import { guessWarning } from "../../options/scale.ts";
import { gapsWarning } from "../../reports/slide/gaps_text.ts";
import { pictureGridOf } from "../../reports/slide/maps.ts";
import { idcRegions } from "../../reports/slide/regions.ts";
import type { SlideReport } from "../../reports/slide/report.ts";
import { scoreSlide } from "../../scoring/slide.ts";
import { kindOf, makeFolders, sha256OfFile } from "../../system/files.ts";
import { requireFolder, requireFreeFolder } from "../../system/output_folder.ts";
import type { OpenUnit } from "../../units/work.ts";
import type { Context } from "../../util/context.ts";
import type { SlideJob, SlideModel } from "./job.ts";
import { type ScoredSlide, slideReportOf } from "./report.ts";
import { reportIn, settingsOf } from "./settings.ts";
import { writeSlideOutput } from "./write_outputs.ts";

/**
 * Opens a slide, and looks for results of the same slide with the same model and settings.
 * @throws UserError if the slide cannot be read, or its folder contains something else.
 */
export async function openSlideUnit(
  job: SlideJob,
  model: SlideModel,
  context: Context,
): Promise<OpenUnit<SlideReport>> {
  await requireFolder(job.out);
  const slide = await openSlide(job.path);
  try {
    const scale = scaleOf(slide, job);
    const sha256 = job.sha256 ?? (await sha256OfFile(job.path, context.signal));
    const labelsSha256 = job.labels && (await sha256OfFile(job.labels.path, context.signal));
    const settings = settingsOf(job, scale, { model, sha256, labelsSha256 });
    const done = await reportIn(job.out, settings);
    if (!done && (await kindOf(join(job.out, SCORES_FILE))) !== "file") await requireFreeFolder(job.out);
    const fill = (place: string, earlier: readonly string[]) =>
      score({ job, model, slide, scale, settings, sha256 }, { place, earlier }, context);
    return { done, fill, close: () => slide.close() };
  } catch (error) {
    await slide.close();
    throw error;
  }
}

interface OpenedSlide extends Pick<ScoredSlide, "model" | "slide" | "scale" | "settings" | "sha256"> {
  readonly job: SlideJob;
}

async function score(
  { job, ...opened }: OpenedSlide,
  { place, earlier }: { readonly place: string; readonly earlier: readonly string[] },
  context: Context,
): Promise<SlideReport> {
  const { slide, scale, model, settings } = opened;
  if (scale.guessed) context.reporter.warn(guessWarning(job.path, slide, job));
  const gaps = gapsWarning(job.path, slide, levelFor(slide, scale.scale));
  if (gaps !== undefined) context.reporter.warn(gaps);
  const labels = job.labels && (await readLabels(job.labels.path, job.labels.caseId, context.signal));
  const facts = { ...settings, ...mapFacts(job, slide, scale, model) };
  await takeScores(earlier, place, facts);
  const keeper = await openScoreFile(place, facts);
  const { stride, minTissue } = job;
  const options = { scale: scale.scale, stride, minTissue, name: basename(job.path) };
  const scores = await scoreSlide(model, slide, options, context, keeper);
  const report = await write(job, place, { ...opened, scores, labels }, context);
  await removeScoreFile(place);
  return report;
}

async function write(job: SlideJob, place: string, scored: ScoredSlide, { signal }: Context): Promise<SlideReport> {
  const { slide, scale, scores, labels, model } = scored;
  const regions = idcRegions(scores, model.card.threshold);
  const report = slideReportOf(job, scored, regions);
  const picture = pictureGridOf(scores.grid);
  // Create the folder only now: a slide that cannot be scored must not leave a folder behind.
  await makeFolders(place);
  const output = { slide, scale, scores, regions, labels, geojson: job.geojson, picture, report };
  await writeSlideOutput(place, output, signal);
  return report;
}

/** What a map of the scores needs besides them, while the slide is being scored. */
function mapFacts(
  { path, stride }: SlideJob,
  slide: Slide,
  { scale, reason, guessed, micronsPerPixel }: ScaleChoice,
  { card, name }: SlideModel,
): ScoringFacts {
  const { columns, rows, side, width, height } = gridOf(slide, { scale, side: recordSideOf(card), stride });
  return {
    ...{ file: basename(path), model: name, classes: card.class_names.join(","), threshold: card.threshold },
    ...{ columns, rows, side, width, height, scale_reason: reason, scale_guessed: guessed ? 1 : 0 },
    ...(micronsPerPixel === undefined ? {} : { map_microns_per_pixel: micronsPerPixel }),
    // The answers of a model that uses neighbours are logits until all patches are scored.
    ...(card.neighbourhood ? { logit_divisor: card.temperature } : {}),
  };
}
