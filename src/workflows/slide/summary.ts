/** Writes and recognizes slides.csv, the summary of several slides. */
import { basename, join } from "node:path";
import { type SlideOutcome, SUMMARY_FILE } from "../../reports/slide/result.ts";
import { kindOf, readText } from "../../system/files.ts";
import { requireFreeFolder } from "../../system/output_folder.ts";
import { pathFrom, shownPath } from "../../system/paths.ts";
import { UNITS_FOLDER } from "../../units/parts.ts";
import { fromCsv, toCsv } from "../../util/csv.ts";
import { UserError } from "../../util/errors.ts";

const SUMMARY = [
  "slide",
  "folder",
  "patches",
  "tissue_mm2",
  "idc_patches",
  "idc_share",
  "idc_mm2",
  "largest_region_patches",
  "mean_probability",
  "max_probability",
  "error",
];

/**
 * Checks that a folder can take the results of these slides: it is free, or it contains only results of some of them.
 * @param names the slides' folder names
 * @throws UserError if it contains something else, or if its summary lists slides that are not among the given ones.
 */
export async function requireOwnFolder(folder: string, names: readonly string[]): Promise<void> {
  const path = join(folder, SUMMARY_FILE);
  const isDescribed = (await kindOf(join(folder, UNITS_FOLDER))) === "folder";
  if ((await kindOf(path)) !== "file") return isDescribed ? undefined : requireFreeFolder(folder);
  const text = await readText(path, "the summary");
  if (!text.startsWith(toCsv(SUMMARY, []))) {
    throw new UserError(
      "output-mismatch",
      `${path} is not a summary that "cancernet slide" wrote: choose another folder with --out.`,
    );
  }
  if (isDescribed) return; // The description is compared with the slides later.
  const other = fromCsv(text, ["slide", "folder"], path).find((row) => !names.includes(basename(row.folder)));
  if (other === undefined) return;
  throw new UserError(
    "output-mismatch",
    `${path} lists ${other.slide}, which is not among the slides given: give all of them, or choose another folder with --out.`,
  );
}

/** One row per slide, without any data about the machine. `out` is the folder of the table. */
export function summaryCsv(outcomes: readonly SlideOutcome[], out: string): string {
  return toCsv(
    SUMMARY,
    outcomes.map(({ slide: path, folder, report, error }) => {
      const places = [shownPath(path), pathFrom(out, folder)];
      const reason = (error ?? "").replaceAll(path, shownPath(path)).replaceAll(folder, pathFrom(out, folder));
      if (!report) return [...places, ...SUMMARY.slice(3).map(() => ""), reason];
      const { patches, tissue_mm2, idc, probability } = report.findings;
      const numbers = [
        patches.scored,
        tissue_mm2,
        idc.patches,
        idc.share,
        idc.mm2,
        idc.largest_region_patches,
        probability.mean,
        probability.max,
      ];
      return [...places, ...numbers.map((number) => number ?? ""), ""];
    }),
  );
}
