/** What the verb "slide" tells: of one slide in lines, of several in a table and in slides.csv. */
import { basename, join } from "node:path";
import type { ClassNames } from "../../histology/dataset/class_names.ts";
import { fromCsv, toCsv } from "../../util/csv.ts";
import { UserError } from "../../util/errors.ts";
import { kindOf, readText } from "../../system/files.ts";
import { counted, fixed, whole } from "../../util/numbers.ts";
import { requireFreeFolder } from "../../system/output_folder.ts";
import { pathFrom, shownPath } from "../../system/paths.ts";
import type { Reporter } from "../../util/reporter.ts";
import { tableLines } from "../../util/table.ts";
import { visible } from "../../util/terminal_text.ts";
import { classWords } from "../class_words.ts";
import { RESEARCH_USE_NOTICE } from "../../artifacts/model_file.ts";
import type { SlideReport } from "./report.ts";

/** The summary of several slides. */
export const SUMMARY_FILE = "slides.csv";

/** What became of a slide: its report, or why it has none. */
export interface SlideOutcome {
  readonly slide: string;
  readonly folder: string;
  readonly report: SlideReport | undefined;
  readonly error: string | undefined;
}

/** A slide's findings. */
export function linesOf({ findings, threshold, agreement, model }: SlideReport): string[] {
  const { probabilityOf } = classWords(model.class_names, visible);
  const { patches, idc, probability } = findings;
  const area = (mm2: number | null) => (mm2 === null ? "" : ` (${mm2.toFixed(2)} mm2)`);
  const lines = [
    `${counted(patches.scored, "patch")} with tissue${area(findings.tissue_mm2)} of ${whole(patches.in_grid)}; mean ${probabilityOf} ${probability.mean.toFixed(3)}.`,
    `${counted(idc.patches, "patch")}${area(idc.mm2)}, ${(100 * idc.share).toFixed(1)} %, from ${threshold.toFixed(4)} on, in ${counted(idc.regions, "region")}; the largest has ${whole(idc.largest_region_patches)}${area(idc.largest_region_mm2)}.`,
  ];
  if (!agreement) return lines;
  const { confusion, metrics } = agreement;
  const shown = (value: number | null) => (value === null ? "undefined" : fixed(value, 3));
  return [
    ...lines,
    `Beside ${counted(agreement.matched, "label")}: ${counted(confusion.tp, "hit")}, ${counted(confusion.fn, "miss")}, ${counted(confusion.fp, "false alarm")}; AUROC ${shown(metrics.auroc)}, balanced accuracy ${shown(metrics.balanced_accuracy)}.`,
  ];
}

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
 * Looks whether a folder can take the results of slides: it is free, or those that it holds are of some of them.
 * @param names the folders of the slides in it
 * @throws UserError if it holds something else, or if slides of another command would be lost from its summary.
 */
export async function requireOwnSummary(folder: string, names: readonly string[]): Promise<void> {
  const path = join(folder, SUMMARY_FILE);
  if ((await kindOf(path)) !== "file") return requireFreeFolder(folder);
  const text = await readText(path, "the summary");
  if (!text.startsWith(toCsv(SUMMARY, []))) {
    throw new UserError(`${path} is no summary that "cancernet slide" wrote: choose another folder with --out.`);
  }
  const other = fromCsv(text, ["slide", "folder"], path).find((row) => !names.includes(basename(row.folder)));
  if (other === undefined) return;
  throw new UserError(
    `${path} lists ${other.slide}, which is not among the slides given: give all of them, or choose another folder with --out.`,
  );
}

/** One row per slide, without a word of the machine; `out` is the folder that the table lies in. */
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

/**
 * @param leftOut how many slides of folders could not even be tried
 * @param classNames the model's
 * @throws UserError if a slide failed or was left out: all others are done.
 */
export function tellSummary(
  outcomes: readonly SlideOutcome[],
  {
    folder,
    leftOut,
    classNames,
  }: { readonly folder: string; readonly leftOut: number; readonly classNames: ClassNames },
  reporter: Reporter,
): void {
  const rows = outcomes.map(({ slide: path, report }) => {
    if (!report) return [path, "failed", "", ""];
    const { patches, idc, probability } = report.findings;
    return [path, patches.scored, `${(100 * idc.share).toFixed(1)} %`, probability.mean.toFixed(3)];
  });
  const { positive, shortProbability } = classWords(classNames);
  for (const line of tableLines(["slide", "patches", positive, `mean ${shortProbability}`], rows)) reporter.info(line);
  reporter.info(
    `The summary is ${join(folder, SUMMARY_FILE)}; each slide has a folder beside it. ${RESEARCH_USE_NOTICE}`,
  );
  const failed = leftOut + outcomes.filter(({ report }) => !report).length;
  if (failed === 0) return;
  throw new UserError(
    `${whole(failed)} of ${counted(outcomes.length + leftOut, "slide")} failed, as warned above: restore or remove them; the others are done.`,
  );
}
