/** The settings that determine a slide's results, and the search for results that were made with them. */
import { join } from "node:path";
import * as z from "zod";
import { VERSIONS } from "../../artifacts/versions.ts";
import type { ScaleChoice } from "../../histology/slide/scale.ts";
import type { SlideReport } from "../../reports/slide/report.ts";
import { kindOf, readText } from "../../system/files.ts";
import { UserError } from "../../util/errors.ts";
import { checked, type Expected, parseJson } from "../../util/json.ts";
import type { SlideJob, SlideModel } from "./job.ts";
import { SLIDE_FILES } from "./write_outputs.ts";

export type Settings = Readonly<Record<string, string | number>>;

/** The settings that determine the files, by name. */
export function settingsOf(
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
export const slideReportSchema = z.looseObject({
  settings: z.record(z.string(), z.union([z.string(), z.number()])),
  findings: z.looseObject({}),
});

/**
 * The report of an earlier run with the same settings; undefined if there is none.
 * @throws UserError if the folder contains a report with other settings.
 */
export async function reportIn(folder: string, settings: Settings): Promise<SlideReport | undefined> {
  const path = join(folder, SLIDE_FILES.report);
  if ((await kindOf(path)) !== "file") return undefined;
  const expected: Expected = {
    code: "output-mismatch",
    place: path,
    what: "a slide's report",
    remedy: `empty the folder ${folder}, or choose another with --out`,
  };
  const value = parseJson(await readText(path, expected.what), expected);
  const report = checked(slideReportSchema, value, expected) as unknown as SlideReport;
  const other = Object.keys({ ...report.settings, ...settings }).find(
    (name) => report.settings[name] !== settings[name],
  );
  if (other === undefined) return report;
  throw new UserError(
    "output-mismatch",
    `${folder} holds a slide that was scored with another ${other} (${report.settings[other]}, now ${settings[other]}): choose another folder with --out, or empty this one.`,
  );
}
