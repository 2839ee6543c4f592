/** The output of the command "slide": lines for one slide, a table for several. */
import type { ClassNames } from "../../histology/dataset/class_names.ts";
import { UserError } from "../../util/errors.ts";
import { counted, fixed, whole } from "../../util/numbers.ts";
import { tableLines } from "../../util/table.ts";
import { visible } from "../../util/terminal_text.ts";
import { classWords } from "../class_words.ts";
import { shardLines, unfinishedProblem } from "../units_text.ts";
import { findingsLines } from "./findings_text.ts";
import type { SlideReport } from "./report.ts";
import { type SlideOutcome, type SlideResult, SUMMARY_FILE } from "./result.ts";

/** The name of the page in a slide's folder. */
export const PAGE_FILE = "slide.html";

/** The findings of one slide as lines. */
function linesOf({ findings, threshold, agreement, model }: SlideReport): string[] {
  const lines = findingsLines(findings, threshold, classWords(model.class_names, visible));
  if (!agreement) return lines;
  const { confusion, metrics } = agreement;
  const shown = (value: number | null) => (value === null ? "undefined" : fixed(value, 3));
  return [
    ...lines,
    `Compared with ${counted(agreement.matched, "label")}: ${counted(confusion.tp, "true positive")}, ${counted(confusion.fn, "false negative")}, ${counted(confusion.fp, "false positive")}; AUROC ${shown(metrics.auroc)}, balanced accuracy ${shown(metrics.balanced_accuracy)}.`,
  ];
}

/** The line for a finished slide, if there are several slides. */
export function outcomeLines({ number, of, slide, report, was_done }: SlideOutcome): string[] {
  if (of === 1 || !report) return [];
  return [`${number} of ${of}: ${slide}${was_done ? ", scored before" : ""}`];
}

/** The result of the command "slide". */
export function slideLines({ folder: out, outcomes, summary, shard, class_names, notice }: SlideResult): string[] {
  if (shard !== null) return shardLines(shard, `${counted(outcomes.length, "slide")}`, out, notice);
  if (summary !== null) return summaryLines(outcomes, summary, class_names, notice);
  return outcomes.flatMap(({ slide, folder, report, was_done }) => [
    ...(was_done ? [`${slide} was scored before, in the same way; nothing was done.`] : []),
    ...(report ? linesOf(report) : []),
    `Maps, tables and the page ${PAGE_FILE} are in ${folder}. ${notice}`,
  ]);
}

function summaryLines(
  outcomes: readonly SlideOutcome[],
  summary: string,
  classNames: ClassNames,
  notice: string,
): string[] {
  const rows = outcomes.map(({ slide: path, report }) => {
    if (!report) return [path, "failed", "", ""];
    const { patches, idc, probability } = report.findings;
    return [path, patches.scored, `${(100 * idc.share).toFixed(1)} %`, probability.mean.toFixed(3)];
  });
  const { positive, shortProbability } = classWords(classNames);
  return [
    ...tableLines(["slide", "patches", positive, `mean ${shortProbability}`], rows),
    `The summary is ${summary}; each slide has a folder beside it. ${notice}`,
  ];
}

/** The result without the slides, which were already printed one by one. */
export const slideSummary = ({ outcomes, ...rest }: SlideResult): object => ({ slides: outcomes.length, ...rest });

/** The error if slides are not done yet, failed, or could not be processed. */
export function slideProblem({ folder, summary, outcomes, left_out, unfinished }: SlideResult): UserError | undefined {
  const failed = left_out + outcomes.filter(({ report }) => !report).length;
  const problem = unfinishedProblem(folder, unfinished, outcomes.length + unfinished.length, failed);
  if (failed === 0 || problem) return problem;
  return new UserError(
    "slides-failed",
    `${whole(failed)} of ${counted(outcomes.length + left_out, "slide")} failed, as ${summary === null || left_out > 0 ? "warned above" : `${SUMMARY_FILE} says`}: restore or remove them; the others are done.`,
  );
}
