/**
 * The command "slide": runs a trained model on slides. Writes maps, tables and a page for each slide, and a summary if
 * there are several.
 */

import type * as z from "zod";
import { folderNames, listSlides, type SlideList } from "../artifacts/find_slides.ts";
import { recordSideOf } from "../artifacts/model_card.ts";
import { locateModel, type ModelLocation } from "../artifacts/run_folder.ts";
import { MOST_PATCHES_APART } from "../histology/slide/grid.ts";
import { patchSizeOf } from "../histology/slide/scale.ts";
import { checkedOptions } from "../options/checked_options.ts";
import { scaleOptionsOf } from "../options/scale.ts";
import { type SlideOptions, slideOptions } from "../options/slide.ts";
import { threadsOf } from "../options/thread_count.ts";
import type { SlideReport } from "../reports/slide/report.ts";
import type { SlideOutcome, SlideResult } from "../reports/slide/result.ts";
import { makeFolders } from "../system/files.ts";
import { removeLeftovers } from "../system/leftovers.ts";
import { isObjectAddress } from "../system/object_address.ts";
import { requireFolder } from "../system/output_folder.ts";
import { describeWork } from "../units/description.ts";
import { gatherUnits } from "../units/finish.ts";
import { openResults } from "../units/open_results.ts";
import type { Results } from "../units/results.ts";
import { QUEUE_WORKS_ON, requireEngine, runUnits } from "../units/run.ts";
import type { UnitOutcome } from "../units/work.ts";
import type { Context } from "../util/context.ts";
import { UserError } from "../util/errors.ts";
import { RESEARCH_USE_NOTICE } from "../util/notice.ts";
import { openModelOnDevice } from "./device/choice.ts";
import { shownCommand } from "./shown_command.ts";
import { type SlideUnit, slideDescription } from "./slide/describe.ts";
import { gatherSlides } from "./slide/gather.ts";
import type { SlideJob, SlideModel } from "./slide/job.ts";
import { caseOf } from "./slide/labels.ts";
import { withLocalSlide } from "./slide/local_unit.ts";
import { openSlideUnit } from "./slide/open_slide_unit.ts";
import { requireOwnFolder } from "./slide/summary.ts";
import { slideWork, storeModel } from "./slide/work.ts";

export type { SlideOutcome, SlideReport, SlideResult };

const KEPT = "slides that are done are skipped";

type Checked = z.output<typeof slideOptions>;

/**
 * Scores slides and fills a folder for each. Skips a slide that was already scored with the same settings. If a slide
 * fails, the others are still scored, and the result contains its error.
 * @throws UserError if the model or the options are not usable, or if the only slide fails.
 */
export async function slide(given: SlideOptions, context: Context): Promise<SlideResult> {
  const options = checkedOptions(slideOptions, given);
  requireAgreeing(options);
  const list = await listSlides(options.slides, context);
  requireFittingNumber(options, list.single);
  const location = await locateModel(options.model);
  await requireEngine(options, options.out);
  const results = await openResults(options.out, context);
  try {
    return await scoreInto(results, options, { list, location }, context);
  } finally {
    await results.close();
  }
}

interface Inputs {
  readonly list: SlideList;
  readonly location: ModelLocation;
}

async function scoreInto(
  results: Results,
  options: Checked,
  { list: { paths, single, leftOut }, location }: Inputs,
  context: Context,
): Promise<SlideResult> {
  // In object storage, a result is published as a unit, so that one slide is a work like several.
  const isAlone = single && !isObjectAddress(options.out);
  await requireFolder(results.folder);
  if (!isAlone) await requireOwnFolder(results.folder, folderNames(paths));
  const wanted = { wanted: options.device, threads: threadsOf(options) };
  const opened = await openModelOnDevice(location, wanted, context.signal);
  const model = { ...opened, name: location.name };
  try {
    requireSuiting(options, recordSideOf(model.card));
    if (options.device === "auto") {
      context.reporter.event({ event: "device", device: model.device, reason: model.reason });
    }
    const all = isAlone
      ? scoreAlone(options, paths[0]!, model, context)
      : scoreAll(results, options, { paths, model, location }, context);
    return { ...(await all), left_out: leftOut };
  } finally {
    await opened.classifier.close();
  }
}

/** @throws UserError if options need one slide and there are several, or the other way round. */
function requireFittingNumber({ case: caseId, shard, queue }: Checked, single: boolean): void {
  if (!single && caseId !== undefined)
    throw new UserError("options-conflict", "--case names one slide's case: give one slide with it.");
  if (single && (shard ?? queue) !== undefined)
    throw new UserError(
      "options-conflict",
      `--${shard ? "shard" : "queue"} needs several slides: give a folder or a list.`,
    );
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

/** The job of the only slide, whose files lie in the folder of the results itself. */
function jobOf(options: Checked, path: string, { card }: SlideModel): SlideJob {
  const side = recordSideOf(card);
  const { stride = side, minTissue, geojson, labels, out } = options;
  const { threads: _, ...alone } = { ...options, slides: [path], stride };
  return {
    path,
    out,
    ...scaleOptionsOf(options),
    side,
    stride,
    minTissue,
    geojson,
    labels: labels === undefined ? undefined : { path: labels, caseId: options.case ?? caseOf(path) },
    command: shownCommand("slide", slideOptions, alone),
  };
}

async function scoreAlone(options: Checked, path: string, model: SlideModel, context: Context): Promise<SlideResult> {
  const { reporter, signal } = context;
  const job = jobOf(options, path, model);
  const { class_names } = model.card;
  try {
    const { done, fill, close } = await withLocalSlide(path, context, (slide, inner) =>
      openSlideUnit({ ...job, path: slide.path, sha256: slide.sha256 }, model, inner),
    );
    try {
      if (!done) await removeLeftovers(job.out, (line) => reporter.warn(line));
      const outcome = { done: done ?? (await fill(job.out, [])), wasDone: done !== undefined };
      const outcomes = [reported({ slide: path, folder: job.out, number: 1, of: 1 }, outcome, context)];
      const result = { folder: options.out, summary: null, shard: null, outcomes, unfinished: [], left_out: 0 };
      return { ...result, class_names, notice: RESEARCH_USE_NOTICE };
    } finally {
      await close();
    }
  } catch (error) {
    if (signal.aborted) reporter.event({ event: "resumable", command: null, kept: "what is scored is kept" });
    throw error;
  }
}

/** The outcome of a slide; also reports it as an event. */
function reported(
  place: Pick<SlideOutcome, "slide" | "folder" | "number" | "of">,
  { done, wasDone, error }: UnitOutcome<SlideReport>,
  { reporter }: Context,
): SlideOutcome {
  const outcome = { ...place, report: done ?? null, was_done: wasDone ?? false, error: error ?? null };
  reporter.event({ event: "item", item: outcome });
  return outcome;
}

/** Scores several slides, or those of a shard. Writes the summary unless other shards are not done. */
async function scoreAll(
  results: Results,
  options: Checked,
  { paths, model, location }: { paths: readonly string[]; model: SlideModel; location: ModelLocation },
  context: Context,
): Promise<SlideResult> {
  const { reporter, signal } = context;
  const { shard, queue } = options;
  const { folder } = results;
  const names = folderNames(paths);
  const draft = await slideDescription(options, { paths, names }, model, signal);
  await makeFolders(folder);
  await removeLeftovers(folder, (line) => reporter.warn(line));
  const description = await describeWork(results, draft);
  const pathOf = new Map(paths.map((path, index) => [names[index], path]));
  const slideOf = async ({ name }: SlideUnit) => pathOf.get(name)!;
  const work = slideWork(description, { results, slideOf, labels: async () => options.labels }, model);
  const outcomes: SlideOutcome[] = [];
  try {
    if (queue !== undefined) await storeModel(results, location);
    await runUnits(work, options, context, ({ name }, outcome, number) => {
      if (outcome.error !== undefined) reporter.warn(outcome.error);
      const place = { slide: pathOf.get(name)!, folder: results.placeOf(name), number, of: paths.length };
      outcomes.push(reported(place, outcome, context));
    });
  } catch (error) {
    if (signal.aborted)
      reporter.event({ event: "resumable", command: null, kept: queue === undefined ? KEPT : QUEUE_WORKS_ON });
    throw error;
  }
  const { class_names } = model.card;
  const result = {
    folder: results.name,
    shard: shard ?? null,
    outcomes,
    class_names,
    left_out: 0,
    notice: RESEARCH_USE_NOTICE,
  };
  if (shard !== undefined) return { ...result, summary: null, unfinished: [] };
  const { summary, unfinished } = await gatherUnits(results, description, () =>
    gatherSlides(results, description, context),
  );
  return { ...result, summary, unfinished };
}
