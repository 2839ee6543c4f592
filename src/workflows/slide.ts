/**
 * The command "slide": runs a trained model on slides. Writes maps, tables and a page for each slide, and a summary if
 * there are several.
 */
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { z } from "zod";
import { folderNames, listSlides } from "../artifacts/find_slides.ts";
import { recordSideOf } from "../artifacts/model_card.ts";
import { locateModel } from "../artifacts/run_folder.ts";
import { patchSizeOf } from "../histology/slide/scale.ts";
import { checkedOptions } from "../options/checked_options.ts";
import { scaleOptionsOf } from "../options/scale.ts";
import { MOST_PATCHES_APART, type SlideOptions, slideOptions } from "../options/slide.ts";
import { threadsOf } from "../options/thread_count.ts";
import type { SlideReport } from "../reports/slide/report.ts";
import { type SlideOutcome, type SlideResult, SUMMARY_FILE } from "../reports/slide/result.ts";
import { kindOf, writeFileAtomically } from "../system/files.ts";
import { removeLeftovers } from "../system/leftovers.ts";
import { requireFolder } from "../system/output_folder.ts";
import type { Context } from "../util/context.ts";
import { messageOf, UserError } from "../util/errors.ts";
import { RESEARCH_USE_NOTICE } from "../util/notice.ts";
import type { Numbered } from "../util/reporter.ts";
import { openModelOnDevice } from "./device/choice.ts";
import { shownCommand } from "./shown_command.ts";
import { caseOf } from "./slide/labels.ts";
import { type SlideJob, type SlideModel, scoreOne } from "./slide/process_slide.ts";
import { requireOwnSummary, summaryCsv } from "./slide/summary.ts";

export type { SlideOutcome, SlideReport, SlideResult };

type Checked = z.output<typeof slideOptions>;

/**
 * Scores slides and fills a folder for each. Skips a slide that was already scored with the same settings. If a slide
 * fails, the others are still scored, and the result contains its error.
 * @throws UserError if the model or the options are not usable, or if the only slide fails.
 */
export async function slide(given: SlideOptions, context: Context): Promise<SlideResult> {
  const options = checkedOptions(slideOptions, given);
  requireAgreeing(options);
  const { reporter, signal } = context;
  const { paths, single, leftOut } = await listSlides(options.slides, context);
  if (options.case !== undefined && !single)
    throw new UserError("options-conflict", "--case names one slide's case: give one slide with it.");
  const location = await locateModel(options.model);
  const names = folderNames(paths);
  await requireFolder(options.out);
  if (!single) await requireOwnSummary(options.out, names);
  const wanted = { wanted: options.device, threads: threadsOf(options) };
  const opened = await openModelOnDevice(location, wanted, signal);
  const model = { ...opened, name: location.name };
  try {
    const side = recordSideOf(model.card);
    requireSuiting(options, side);
    if (options.device === "auto") {
      reporter.event({ event: "device", device: model.device, reason: model.reason });
    }
    const jobs = paths.map((path, index) =>
      jobOf(options, { path, out: single ? options.out : join(options.out, names[index]!), side }),
    );
    const { class_names } = model.card;
    const result = { folder: options.out, class_names, left_out: leftOut, notice: RESEARCH_USE_NOTICE };
    if (single) return { ...result, summary: null, outcomes: [await scoreAlone(jobs[0]!, model, context)] };
    const outcomes = await scoreAll(jobs, options.out, model, context);
    return { ...result, summary: join(options.out, SUMMARY_FILE), outcomes };
  } finally {
    await opened.classifier.close();
  }
}

function requireAgreeing({ labels, case: caseId, ...scale }: Checked): void {
  scaleOptionsOf(scale);
  if (caseId !== undefined && labels === undefined)
    throw new UserError("options-conflict", "--case names a case of --labels: give both, or neither.");
}

/** @throws UserError if the options do not fit patches with this side. */
function requireSuiting({ scale, patchSizeUm, stride }: Checked, side: number): void {
  if (scale === undefined) patchSizeOf({ side, patchSizeUm });
  const most = MOST_PATCHES_APART * side;
  if (stride === undefined || stride <= most) return;
  throw new UserError(
    "option-invalid",
    `--stride must be ${most} at most, ten patches of ${side} pixels, and is ${stride}.`,
  );
}

function jobOf(
  options: Checked,
  { path, out, side }: { readonly path: string; readonly out: string; readonly side: number },
): SlideJob {
  const { stride = side, minTissue, geojson, labels } = options;
  const caseId = options.case ?? caseOf(path);
  const { threads: _, ...alone } = { ...options, slides: [path], out, stride };
  return {
    path,
    out,
    ...scaleOptionsOf(options),
    side,
    stride,
    minTissue,
    geojson,
    labels: labels === undefined ? undefined : { path: labels, caseId },
    command: shownCommand("slide", slideOptions, alone),
  };
}

async function scoreAlone(job: SlideJob, model: SlideModel, context: Context): Promise<SlideOutcome> {
  const { reporter, signal } = context;
  const scored = await scoreOne(job, model, context).catch((error: unknown) => {
    if (signal.aborted) reporter.event({ event: "resumable", command: null, kept: "what is scored is kept" });
    throw error;
  });
  return outcomeOf(job, scored, { number: 1, of: 1 }, context);
}

/** The outcome of a slide; also reports it as an event. */
function outcomeOf(
  { path, out }: SlideJob,
  became: { readonly report: SlideReport; readonly wasDone: boolean } | { readonly error: string },
  numbered: Numbered,
  { reporter }: Context,
): SlideOutcome {
  const done =
    "error" in became
      ? { report: null, was_done: false, ...became }
      : { report: became.report, was_done: became.wasDone, error: null };
  const outcome: SlideOutcome = { ...numbered, slide: path, folder: out, ...done };
  reporter.event({ event: "item", item: outcome });
  return outcome;
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
  // Write the summary at the start. It identifies the folder, even if this process is killed before a slide is done.
  const summary = join(folder, SUMMARY_FILE);
  if ((await kindOf(summary)) === "nothing") await writeFileAtomically(summary, summaryCsv([], folder));
  const outcomes: SlideOutcome[] = [];
  for (const [index, job] of jobs.entries()) {
    const numbered = { number: index + 1, of: jobs.length };
    try {
      outcomes.push(outcomeOf(job, await scoreOne(job, model, context), numbered, context));
    } catch (error) {
      if (signal.aborted)
        reporter.event({ event: "resumable", command: null, kept: "slides that are done are skipped" });
      if (signal.aborted || !(error instanceof UserError)) throw error;
      reporter.warn(messageOf(error));
      outcomes.push(outcomeOf(job, { error: messageOf(error) }, numbered, context));
    }
    await writeFileAtomically(summary, summaryCsv(outcomes, folder));
  }
  return outcomes;
}
