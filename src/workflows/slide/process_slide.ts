/** Processes one slide: scores it, resumes an interrupted scoring, or finds that it is already done. */
import { mkdir } from "node:fs/promises";
import { basename, join } from "node:path";
import { z } from "zod";
import { recordSideOf } from "../../artifacts/model_card.ts";
import type { OpenModel } from "../../artifacts/open_model.ts";
import { openScoreFile, removeScoreFile, SCORES_FILE, type ScoringFacts } from "../../artifacts/partial_scores.ts";
import { type Labels, readLabels } from "../../artifacts/slide_labels.ts";
import { VERSIONS } from "../../artifacts/versions.ts";
import { gridOf, squareStart } from "../../histology/slide/grid.ts";
import { openSlide } from "../../histology/slide/open.ts";
import { levelFor } from "../../histology/slide/resample.ts";
import { type ScaleChoice, type ScaleOptions, scaleOf } from "../../histology/slide/scale.ts";
import type { Slide } from "../../histology/slide/slide.ts";
import { guessWarning } from "../../options/scale.ts";
import type { GeoJsonKind } from "../../options/slide.ts";
import { namedModel } from "../../reports/named_model.ts";
import { gapsText } from "../../reports/slide/gaps_text.ts";
import { pictureGridOf } from "../../reports/slide/maps.ts";
import { findingsOf, type IdcRegion, idcRegions } from "../../reports/slide/regions.ts";
import type { SlideReport } from "../../reports/slide/report.ts";
import type { SlideScores } from "../../reports/slide/scores.ts";
import { kindOf, readText, sha256OfFile } from "../../system/files.ts";
import { removeLeftovers } from "../../system/leftovers.ts";
import { requireFolder, requireFreeFolder } from "../../system/output_folder.ts";
import type { Context } from "../../util/context.ts";
import { UserError } from "../../util/errors.ts";
import { checked, type Expected, parseJson } from "../../util/json.ts";
import { RESEARCH_USE_NOTICE } from "../../util/notice.ts";
import type { DeviceChoice } from "../device/choice.ts";
import { agreementOf } from "./labels.ts";
import { scoreSlide } from "./score.ts";
import { SLIDE_FILES, writeSlideOutput } from "./write_outputs.ts";

export interface SlideJob extends ScaleOptions {
  readonly path: string;
  /** The folder for the output files. */
  readonly out: string;
  readonly stride: number;
  readonly minTissue: number;
  readonly geojson: GeoJsonKind;
  readonly labels?: { readonly path: string; readonly caseId: string } | undefined;
  /** The command line that reproduces the files. */
  readonly command: string;
}

/** The opened model, with its name and device. */
export interface SlideModel extends OpenModel, Pick<DeviceChoice, "device"> {
  readonly name: string;
}

export interface ProcessedSlide {
  readonly report: SlideReport;
  /** Whether it was already scored by the same model with the same settings. */
  readonly wasDone: boolean;
}

const SHOWN_REGIONS = 10;

/**
 * Scores a slide and fills its folder.
 * @throws UserError if the slide or the labels cannot be read, nothing can be scored, or the folder contains something
 *   else.
 */
export async function scoreOne(job: SlideJob, model: SlideModel, context: Context): Promise<ProcessedSlide> {
  await requireFolder(job.out);
  const slide = await openSlide(job.path);
  try {
    const scale = scaleOf(slide, job);
    const sha256 = await sha256OfFile(job.path, context.signal);
    const labelsSha256 = job.labels && (await sha256OfFile(job.labels.path, context.signal));
    const settings = settingsOf(job, scale, { model, sha256, labelsSha256 });
    const done = await reportIn(job.out, settings);
    if (done) return { report: done, wasDone: true };
    await removeLeftovers(job.out, (line) => context.reporter.warn(line));
    if ((await kindOf(join(job.out, SCORES_FILE))) !== "file") await requireFreeFolder(job.out);
    if (scale.guessed) context.reporter.warn(guessWarning(job.path, slide, job));
    warnOfGaps(job.path, slide, levelFor(slide, scale.scale), context);
    const labels = job.labels && (await readLabels(job.labels.path, job.labels.caseId, context.signal));
    const keeper = await openScoreFile(job.out, { ...settings, ...mapFacts(job, slide, scale, model) });
    const { stride, minTissue } = job;
    const options = { scale: scale.scale, stride, minTissue, name: basename(job.path) };
    const scores = await scoreSlide(model, slide, options, context, keeper);
    const report = await write(job, { slide, scale, scores, labels, settings, model, sha256 }, context);
    await removeScoreFile(job.out);
    return { report, wasDone: false };
  } finally {
    await slide.close();
  }
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

/** Warns if the file lacks tiles, because tissue may be missing there without any other sign. */
function warnOfGaps(path: string, slide: Slide, level: number, { reporter }: Context): void {
  const { tiles, ...gaps } = slide.gapsOf(level);
  const text = gapsText({ in_level: tiles, ...gaps }, level);
  if (text) reporter.warn(`${path} ${text.what}, which is read: ${text.instead}.`);
}

type Settings = Readonly<Record<string, string | number>>;

/** The settings that determine the files, by name. */
function settingsOf(
  job: SlideJob,
  { scale, micronsPerPixel }: ScaleChoice,
  { model, sha256, labelsSha256 }: { model: SlideModel; sha256: string; labelsSha256: string | undefined },
): Settings {
  const { stride, minTissue, geojson, labels } = job;
  return {
    cancernet: VERSIONS.cancernet,
    slide_sha256: sha256,
    model_sha256: model.sha256,
    device: model.device,
    scale,
    ...(job.mpp === undefined && job.objective === undefined ? {} : { microns_per_pixel: micronsPerPixel! }),
    stride,
    min_tissue: minTissue,
    geojson,
    labels: labels ? `SHA-256 ${labelsSha256}, case ${labels.caseId}` : "none",
  };
}

/** The minimum check of an existing report: this program wrote it, and the settings determine the rest. */
const reportSchema = z.looseObject({
  settings: z.record(z.string(), z.union([z.string(), z.number()])),
  findings: z.looseObject({}),
});

/**
 * The report of an earlier run with the same settings; undefined if there is none.
 * @throws UserError if the folder contains a report with other settings.
 */
async function reportIn(folder: string, settings: Settings): Promise<SlideReport | undefined> {
  const path = join(folder, SLIDE_FILES.report);
  if ((await kindOf(path)) !== "file") return undefined;
  const expected: Expected = {
    code: "output-mismatch",
    place: path,
    what: "a slide's report",
    remedy: `empty the folder ${folder}, or choose another with --out`,
  };
  const value = parseJson(await readText(path, expected.what), expected);
  const report = checked(reportSchema, value, expected) as unknown as SlideReport;
  const other = Object.keys({ ...report.settings, ...settings }).find(
    (name) => report.settings[name] !== settings[name],
  );
  if (other === undefined) return report;
  throw new UserError(
    "output-mismatch",
    `${folder} holds a slide that was scored with another ${other} (${report.settings[other]}, now ${settings[other]}): choose another folder with --out, or empty this one.`,
  );
}

interface ScoredSlide {
  readonly slide: Slide;
  readonly scale: ScaleChoice;
  readonly scores: SlideScores;
  readonly labels: Labels | undefined;
  readonly settings: Settings;
  readonly model: SlideModel;
  readonly sha256: string;
}

async function write(job: SlideJob, scored: ScoredSlide, { signal }: Context): Promise<SlideReport> {
  const { slide, scale, scores, labels, model } = scored;
  const regions = idcRegions(scores, model.card.threshold);
  const report = reportOf(job, scored, regions);
  const picture = pictureGridOf(scores.grid);
  // Create the folder only now: a slide that cannot be scored must not leave a folder behind.
  await mkdir(job.out, { recursive: true });
  const output = { slide, scale, scores, regions, labels, geojson: job.geojson, picture, report };
  await writeSlideOutput(job.out, output, signal);
  return report;
}

function reportOf(job: SlideJob, scored: ScoredSlide, regions: readonly IdcRegion[]): SlideReport {
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
      x: squareStart(Math.min(...outline!.map(([column]) => column)), grid) * grid.scale,
      y: squareStart(Math.min(...outline!.map(([, row]) => row)), grid) * grid.scale,
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
