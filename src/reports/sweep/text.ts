/** A sweep as lines for the terminal, and the sentences that the terminal and the page share. */
import { type MetricName, metricTitle } from "../../metrics/table.ts";
import { UserError } from "../../util/errors.ts";
import { counted, fixed, whole } from "../../util/numbers.ts";
import { tableLines } from "../../util/table.ts";
import { visible } from "../../util/terminal_text.ts";
import { gapText } from "../comparison/text.ts";
import { caseSizesText } from "../evaluation/interval_text.ts";
import { shardLines, unfinishedProblem } from "../units_text.ts";
import type { OverSeeds, SweepMetric, SweepReport, SweepResult, SweepShard } from "./report.ts";

/** The metrics of the terminal's tables and of the page's first tables; the page has the others below. */
const SHOWN = ["auroc", "balanced_accuracy", "sensitivity", "specificity", "log_loss"] as const satisfies MetricName[];

export const shownMetrics = ({ folds }: Pick<SweepReport, "folds">): SweepMetric[] =>
  folds === null ? [...SHOWN] : ["auroc", "auroc_over_cases", ...SHOWN.slice(1)];

/** "AUROC, mean over cases". */
export const sweepMetricTitle = (name: SweepMetric, positive: string): string =>
  name === "auroc_over_cases" ? "AUROC, mean over cases" : metricTitle(name, positive);

/** "0.906 (SD 0.012)", or "0.906" with one seed. */
export function overSeedsText(over: OverSeeds | undefined): string {
  if (!over || over.mean === null) return "-";
  const mean = fixed(over.mean, 3);
  return over.standard_deviation === null ? mean : `${mean} (SD ${fixed(over.standard_deviation, 3)})`;
}

/** How the numbers are meant, one or two sentences per item. */
export function sweepMeaningOf(report: SweepReport): string[] {
  const { folds, baseline, cases, case_sizes, differences, settings } = report;
  const most = Math.max(0, ...differences.map(({ seeds }) => seeds.length));
  const few = differences.filter(({ seeds }) => seeds.length === 1).length;
  const tested =
    folds === null
      ? "Each setting was trained with each seed, and tested on the same test split."
      : `Each setting was cross-validated with each seed in ${counted(folds, "fold")}, so that every case was tested once per seed. The folds of a seed are the same for all settings.`;
  const onlyCases =
    "With one seed an interval covers other cases only. It does not cover other seeds: another seed may give another order of the settings.";
  return [
    tested,
    ...(cases !== null && case_sizes ? [`The patches are of ${caseSizesText(cases, case_sizes)}.`] : []),
    `Differences are a setting minus ${baseline}, with the same seed and on the same cases, averaged over seeds. * marks one whose 95 % interval leaves out 0.`,
    ...(most > 1
      ? [
          "An interval covers other cases from this source and other seeds. Its variance is that over cases plus that over seeds, minus the part that both hold; Student's t has the degrees of freedom of Satterthwaite (1946). It does not cover other training cases, another hospital or another scanner.",
        ]
      : []),
    ...(few > 0 && most > 1
      ? [`${counted(few, "setting")} has one seed in common with ${baseline}: that interval covers cases only.`]
      : most === 1
        ? [onlyCases]
        : []),
    ...(settings.length > 2
      ? [
          `${counted(settings.length - 1, "setting")} are compared with ${baseline}, each by several metrics: some intervals leave out 0 by chance alone. The best of many settings looks better than it is, so test it on other cases.`,
        ]
      : []),
  ];
}

/** The result of the command "sweep". */
export function sweepLines(result: SweepResult | SweepShard): readonly string[] {
  if ("shard" in result) {
    const { shard, units, folder, notice } = result;
    return shardLines(shard, counted(units.length, "training"), folder, notice);
  }
  const { page, report } = result;
  const [, positive] = report.classes;
  const names = shownMetrics(report);
  const titles = names.map((name) => sweepMetricTitle(name, visible(positive)));
  const failed = report.rows.filter(({ error }) => error !== null);
  return [
    "",
    ...tableLines(
      ["setting", "seeds", ...titles],
      report.settings.map(({ setting, seeds, metrics }) => [
        setting,
        whole(seeds.length),
        ...names.map((name) => overSeedsText(metrics[name])),
      ]),
    ),
    ...(report.differences.length > 0
      ? [
          "",
          ...tableLines(
            [`minus ${report.baseline}`, "seeds", ...titles],
            report.differences.map(({ setting, seeds, metrics }) => [
              setting,
              whole(seeds.length),
              ...names.map((name) => gapText(metrics[name] ?? { value: null, low: null, high: null })),
            ]),
          ),
        ]
      : []),
    "",
    ...failed.map(({ setting, seed, error }) => `Failed: ${setting} with seed ${seed}: ${visible(error!)}`),
    ...sweepMeaningOf(report),
    `The whole summary is ${page}; its numbers are in the same folder, and each run has a folder beside it.`,
    report.notice,
  ];
}

/** The error if trainings failed or are not done. */
export function sweepProblem(result: SweepResult | SweepShard): UserError | undefined {
  if ("shard" in result) {
    const failed = Object.keys(result.failed);
    return failed.length === 0 ? undefined : rowsFailed(failed.length, result.units.length + failed.length);
  }
  const { folder, unfinished, report } = result;
  const failed = report.rows.filter(({ status }) => status === "failed").length;
  const problem = unfinishedProblem(folder, unfinished, report.rows.length * (report.folds ?? 1), failed);
  return failed === 0 || problem ? problem : rowsFailed(failed, report.rows.length);
}

const rowsFailed = (failed: number, all: number): UserError =>
  new UserError(
    "rows-failed",
    `${whole(failed)} of ${counted(all, "training")} failed, as said above: change these settings and give them other names, or remove them; the others are done.`,
  );
