/** What the verb "slide" prints: of one slide in lines, of several in a table and in slides.csv. */
import type { ClassNames } from "../../histology/dataset/class_names.ts";
import { UserError } from "../../util/errors.ts";
import { RESEARCH_USE_NOTICE } from "../../util/notice.ts";
import { counted, fixed, whole } from "../../util/numbers.ts";
import type { Reporter } from "../../util/reporter.ts";
import { tableLines } from "../../util/table.ts";
import { visible } from "../../util/terminal_text.ts";
import { classWords } from "../class_words.ts";
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
    `Compared with ${counted(agreement.matched, "label")}: ${counted(confusion.tp, "true positive")}, ${counted(confusion.fn, "false negative")}, ${counted(confusion.fp, "false positive")}; AUROC ${shown(metrics.auroc)}, balanced accuracy ${shown(metrics.balanced_accuracy)}.`,
  ];
}

/**
 * @param summary the path of the summary
 * @param leftOut how many slides of folders could not even be tried
 * @param classNames the model's
 * @throws UserError if a slide failed or was left out: all others are done.
 */
export function printSummaryOf(
  outcomes: readonly SlideOutcome[],
  {
    summary,
    leftOut,
    classNames,
  }: { readonly summary: string; readonly leftOut: number; readonly classNames: ClassNames },
  reporter: Reporter,
): void {
  const rows = outcomes.map(({ slide: path, report }) => {
    if (!report) return [path, "failed", "", ""];
    const { patches, idc, probability } = report.findings;
    return [path, patches.scored, `${(100 * idc.share).toFixed(1)} %`, probability.mean.toFixed(3)];
  });
  const { positive, shortProbability } = classWords(classNames);
  for (const line of tableLines(["slide", "patches", positive, `mean ${shortProbability}`], rows)) reporter.info(line);
  reporter.info(`The summary is ${summary}; each slide has a folder beside it. ${RESEARCH_USE_NOTICE}`);
  const failed = leftOut + outcomes.filter(({ report }) => !report).length;
  if (failed === 0) return;
  throw new UserError(
    `${whole(failed)} of ${counted(outcomes.length + leftOut, "slide")} failed, as warned above: restore or remove them; the others are done.`,
  );
}
