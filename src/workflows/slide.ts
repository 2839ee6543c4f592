/** The verb "slide": a trained model and slides in; for each slide maps, tables and a page out, and for several a summary. */
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { RECORD_SIDES } from "../histology/dataset/record.ts";
import { patchSizeOf } from "../histology/slide/scale.ts";
import { messageOf, UserError } from "../util/errors.ts";
import { kindOf, sha256OfFile, writeFileAtomically } from "../util/files.ts";
import { removeLeftovers } from "../util/leftovers.ts";
import { requireFolder } from "../util/output_folder.ts";
import { checkedOptions } from "./checked_options.ts";
import { flagWords, shownCommand } from "./command_line.ts";
import type { Context } from "./context.ts";
import { openModelOnDevice } from "./device/choice.ts";
import { RESEARCH_USE_NOTICE, recordSideOf } from "./model_file.ts";
import { deviceOption, modelOption, threadsOf, threadsOption } from "./options.ts";
import { locateModel } from "./run_folder.ts";
import { SCALE_OPTIONS, scaleOptionsOf } from "./scale_options.ts";
import { GEOJSON_KINDS } from "./slide/geojson.ts";
import { caseOf } from "./slide/labels.ts";
import { folderNames, listSlides } from "./slide/list.ts";
import { SLIDE_FILES } from "./slide/output.ts";
import { DEFAULT_MIN_TISSUE } from "./slide/score.ts";
import { type SlideJob, type SlideModel, scoreOne } from "./slide/score_one.ts";
import type { SlideReport } from "./slide/slide_report.ts";
import { linesOf, requireOwnSummary, type SlideOutcome, SUMMARY_FILE, summaryCsv, tellSummary } from "./slide/told.ts";

export type { SlideOutcome, SlideReport };

/** How many sides of a patch the next one may begin further on. */
const MOST_PATCHES_APART = 10;

export const slideOptions = z.object({
  model: modelOption,
  slides: z.array(z.string()).min(1).meta({
    description: "Slides, folders of slides, or lists of slides (.txt, .csv).",
    positional: true,
    placeholder: "SLIDE|DIR|LIST",
    path: true,
  }),
  out: z.string().meta({
    description: "Folder for the results; of several slides, one in it for each.",
    placeholder: "DIR",
    path: true,
  }),
  stride: z
    .int()
    .min(1)
    .max(MOST_PATCHES_APART * RECORD_SIDES.most)
    .optional()
    .meta({
      description: "Model pixels from one patch to the next. [the side of a patch: 50 for the models of the package]",
      placeholder: "PIXELS",
    }),
  ...SCALE_OPTIONS,
  minTissue: z.number().min(0).max(1).default(DEFAULT_MIN_TISSUE).meta({
    description: "Share of a patch that must be tissue; 0 scores glass too.",
    placeholder: "SHARE",
  }),
  labels: z.string().optional().meta({
    description: "Table of known labels, such as a dataset's manifest.csv (case, x, y, class).",
    placeholder: "FILE",
    path: true,
  }),
  case: z
    .string()
    .optional()
    .meta({ description: "The slide's case in --labels. [its file's name]", placeholder: "ID" }),
  geojson: z
    .enum(GEOJSON_KINDS)
    .default("regions")
    .meta({ description: "What idc.geojson holds: regions of IDC, or every scored patch." }),
  threads: threadsOption,
  device: deviceOption,
});

export type SlideOptions = z.input<typeof slideOptions>;
type Checked = z.output<typeof slideOptions>;

/**
 * Scores slides and fills a folder for each. A slide that was scored before, in the same way, is not scored again; one that
 * fails does not keep the others from being scored.
 * @throws UserError where the model or the options do not allow it, or, once all others are done, where a slide failed.
 */
export async function slide(given: SlideOptions, context: Context): Promise<SlideOutcome[]> {
  const options = checkedOptions(slideOptions, given);
  requireAgreeing(options);
  const { reporter, signal } = context;
  const { paths, single, leftOut } = await listSlides(options.slides, context);
  if (options.case !== undefined && !single)
    throw new UserError("--case names one slide's case: give one slide with it.");
  const location = await locateModel(options.model);
  const names = folderNames(paths);
  await requireFolder(options.out);
  if (!single) await requireOwnSummary(options.out, names);
  const wanted = { wanted: options.device, threads: threadsOf(options) };
  const opened = await openModelOnDevice(location, wanted, signal);
  const model = { ...opened, name: location.name, sha256: await sha256OfFile(location.modelPath) };
  try {
    const side = recordSideOf(model.card);
    requireSuiting(options, side);
    if (options.device === "auto") reporter.info(`Device: ${model.device}, ${model.reason}.`);
    const jobs = paths.map((path, index) =>
      jobOf(options, { path, out: single ? options.out : join(options.out, names[index]!), side }),
    );
    if (single) return [await scoreAlone(jobs[0]!, model, context)];
    const outcomes = await scoreAll(jobs, options.out, model, context);
    tellSummary(outcomes, { folder: options.out, leftOut, classNames: model.card.class_names }, reporter);
    return outcomes;
  } finally {
    await opened.classifier.close();
  }
}

function requireAgreeing({ labels, case: caseId, ...scale }: Checked): void {
  scaleOptionsOf(scale);
  if (caseId !== undefined && labels === undefined)
    throw new UserError("--case names a case of --labels: give both, or neither.");
}

/** @throws UserError if the options do not suit patches of that side. */
function requireSuiting({ scale, patchSizeUm, stride }: Checked, side: number): void {
  if (scale === undefined) patchSizeOf({ side, patchSizeUm });
  const most = MOST_PATCHES_APART * side;
  if (stride === undefined || stride <= most) return;
  throw new UserError(`--stride must be ${most} at most, ten patches of ${side} pixels, and is ${stride}.`);
}

function jobOf(
  options: Checked,
  { path, out, side }: { readonly path: string; readonly out: string; readonly side: number },
): SlideJob {
  const { model, scale, patchSizeUm, mpp, objective, stride = side, minTissue, geojson, labels, device } = options;
  const caseId = options.case ?? caseOf(path);
  const flags = flagWords({
    out,
    stride,
    patchSizeUm,
    mpp,
    objective,
    scale,
    minTissue,
    labels,
    case: labels && options.case,
    geojson,
    device,
  });
  return {
    path,
    out,
    ...scaleOptionsOf(options),
    side,
    stride,
    minTissue,
    geojson,
    labels: labels === undefined ? undefined : { path: labels, caseId },
    command: shownCommand("slide", model, path, ...flags),
  };
}

async function scoreAlone(job: SlideJob, model: SlideModel, { reporter, signal }: Context): Promise<SlideOutcome> {
  const { report, wasDone } = await scoreOne(job, model, { reporter, signal }).catch((error: unknown) => {
    if (signal.aborted) reporter.info("Go on with the same command: what is scored is kept.");
    throw error;
  });
  if (wasDone) reporter.info(`${job.path} was scored before, in the same way; nothing was done.`);
  for (const line of linesOf(report)) reporter.info(line);
  reporter.info(`Maps, tables and the page ${SLIDE_FILES.page} are in ${job.out}. ${RESEARCH_USE_NOTICE}`);
  return { slide: job.path, folder: job.out, report, error: undefined };
}

async function scoreAll(
  jobs: readonly SlideJob[],
  folder: string,
  model: SlideModel,
  context: Context,
): Promise<SlideOutcome[]> {
  const { reporter, signal } = context;
  await mkdir(folder, { recursive: true });
  await removeLeftovers(folder, (line) => reporter.warn(line));
  // From the start: the folder is known by its summary, also if this process is killed before a slide is done.
  const summary = join(folder, SUMMARY_FILE);
  if ((await kindOf(summary)) === "nothing") await writeFileAtomically(summary, summaryCsv([], folder));
  const outcomes: SlideOutcome[] = [];
  for (const [index, job] of jobs.entries()) {
    const of = { slide: job.path, folder: job.out };
    try {
      const { report, wasDone } = await scoreOne(job, model, context);
      outcomes.push({ ...of, report, error: undefined });
      reporter.info(`${index + 1} of ${jobs.length}: ${job.path}${wasDone ? ", scored before" : ""}`);
    } catch (error) {
      if (signal.aborted) reporter.info("Go on with the same command: slides that are done are skipped.");
      if (signal.aborted || !(error instanceof UserError)) throw error;
      reporter.warn(messageOf(error));
      outcomes.push({ ...of, report: undefined, error: messageOf(error) });
    }
    await writeFileAtomically(summary, summaryCsv(outcomes, folder));
  }
  return outcomes;
}
