/** Writes the summary of several slides from the folder of their results alone. */
import { join } from "node:path";
import type { SlideReport } from "../../reports/slide/report.ts";
import { type SlideOutcome, type SlideResult, SUMMARY_FILE } from "../../reports/slide/result.ts";
import { kindOf, readText, writeFileAtomically } from "../../system/files.ts";
import { unitNames, type WorkDescription } from "../../units/description.ts";
import { failureOf } from "../../units/failures.ts";
import type { Results } from "../../units/results.ts";
import type { Context } from "../../util/context.ts";
import { UserError } from "../../util/errors.ts";
import { checked, type Expected, parseJson } from "../../util/json.ts";
import { RESEARCH_USE_NOTICE } from "../../util/notice.ts";
import { type SlideUnit, slideDetailsOf, slideUnit } from "./describe.ts";
import { slideReportSchema } from "./settings.ts";
import { ownSummary, summaryCsv } from "./summary.ts";
import { SLIDE_FILES } from "./write_outputs.ts";

/**
 * Reads every slide's report, or the record of its failure, and writes slides.csv: one row per slide, in the order of
 * the description. Slides that are not done yet have no row.
 * @throws UserError if a report is damaged, or is of another model or other settings, or if slides.csv is not a summary.
 */
export async function gatherSlides(
  results: Results,
  description: WorkDescription,
  { signal }: Context,
): Promise<SlideResult> {
  const { folder, name } = results;
  const { class_names } = slideDetailsOf(description, results);
  await ownSummary(folder);
  await results.bring(unitNames(description), [SLIDE_FILES.report]);
  const units = description.units as unknown as readonly SlideUnit[];
  const outcomes: SlideOutcome[] = [];
  const unfinished: string[] = [];
  for (const [index, given] of units.entries()) {
    signal.throwIfAborted();
    const unit = slideUnit.parse(given);
    const report = await publishedReport(results, unit, description);
    const error = report ? null : ((await failureOf(results, unit.name)) ?? null);
    if (!report && error === null) unfinished.push(unit.name);
    else {
      const place = { number: index + 1, of: units.length, slide: unit.slide, folder: results.placeOf(unit.name) };
      outcomes.push({ ...place, was_done: true, report: report ?? null, error });
    }
  }
  await writeFileAtomically(join(folder, SUMMARY_FILE), summaryCsv(outcomes, name));
  const summary = results.placeOf(SUMMARY_FILE);
  return {
    folder: name,
    summary,
    shard: null,
    outcomes,
    unfinished,
    left_out: 0,
    class_names,
    notice: RESEARCH_USE_NOTICE,
  };
}

/** The facts of a description under the names that a report's settings give them. */
const SETTINGS = {
  model_sha256: "model_sha256",
  device: "device",
  minTissue: "min_tissue",
  geojson: "geojson",
} as const;

/** The report of a published slide, from its folder alone; undefined if it is not published. */
export async function publishedReport(
  results: Results,
  { name }: SlideUnit,
  { cancernet, facts }: WorkDescription,
): Promise<SlideReport | undefined> {
  const path = join(results.folder, name, SLIDE_FILES.report);
  if ((await kindOf(path)) !== "file") return undefined;
  const place = results.placeOf(`${name}/${SLIDE_FILES.report}`);
  const expected: Expected = {
    code: "output-mismatch",
    place,
    what: "a slide's report",
    remedy: `remove ${results.placeOf(name)}, and score the slide again`,
  };
  const report = checked(slideReportSchema, parseJson(await readText(path, expected.what), expected), expected);
  const { settings } = report;
  const other =
    settings.cancernet === cancernet
      ? Object.entries(SETTINGS).find(([fact, setting]) => facts[fact] !== settings[setting])?.[1]
      : "cancernet";
  if (other === undefined) return report as unknown as SlideReport;
  throw new UserError(
    "output-mismatch",
    `${place} is of another ${other} (${settings[other]}) than the work in ${results.name}: remove it, and score the slide again.`,
  );
}
