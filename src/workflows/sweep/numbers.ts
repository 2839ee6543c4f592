/** Computes every number of a sweep's report, setting after setting, from the answers of its rows. */
import { type CaseMetrics, metricsByCase } from "../../metrics/by_case.ts";
import { type Layout, layoutOf, type MetricAssessment } from "../../metrics/intervals.ts";
import { assessWithCalls, spreadOver } from "../../metrics/pooled.ts";
import { type SeededDifference, seededCaseDifference, seededDifferences } from "../../metrics/seeds.ts";
import { METRIC_NAMES, type MetricName, type MetricValue } from "../../metrics/table.ts";
import type {
  BySweepMetric,
  DifferenceReport,
  OverSeeds,
  SeededEstimate,
  SettingReport,
} from "../../reports/sweep/report.ts";
import type { RowAnswers, SweptPatches } from "./answers.ts";

/** A row that is done, with what its numbers are computed from. */
export interface AssessedRow {
  readonly seed: number;
  readonly assessment: MetricAssessment;
  /** Undefined without folds. */
  readonly byCase: readonly CaseMetrics[] | undefined;
}

/** What all rows share. */
export interface Frame {
  readonly patches: SweptPatches;
  readonly layout: Layout;
  readonly hasFolds: boolean;
}

/** The patches are in the order of their ids, so that no number depends on the rows or their order. */
export function frameOf(patches: SweptPatches, hasFolds: boolean): Frame {
  const places = Uint32Array.from(patches.ids.keys());
  return { patches, layout: layoutOf(patches.cases, patches.labels, [places]), hasFolds };
}

export function assessRow(
  { patches, hasFolds }: Frame,
  seed: number,
  { probabilities, calls }: RowAnswers,
): AssessedRow {
  const { labels, cases } = patches;
  return {
    seed,
    assessment: assessWithCalls(labels, probabilities, calls),
    byCase: hasFolds ? metricsByCase({ labels, probabilities, cases }, 0.5) : undefined,
  };
}

/** The metrics of a row. */
export function valuesOf({ assessment, byCase }: AssessedRow): BySweepMetric<number | null> {
  const values = byName((name) => assessment.values[name].value);
  return byCase ? { ...values, auroc_over_cases: meanOverCases(byCase) } : values;
}

function meanOverCases(rows: readonly CaseMetrics[]): number | null {
  const values = rows.flatMap(({ metrics }) => metrics.auroc.value ?? []);
  return values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length;
}

const byName = <T>(of: (name: MetricName) => T): Record<MetricName, T> =>
  Object.fromEntries(METRIC_NAMES.map((name) => [name, of(name)])) as Record<MetricName, T>;

const bySeed = (rows: readonly AssessedRow[]) => [...rows].sort((a, b) => a.seed - b.seed);

/** The mean and the standard deviation over the seeds of a setting. */
export function settingReport(
  setting: string,
  options: SettingReport["options"],
  given: readonly AssessedRow[],
): SettingReport {
  const rows = bySeed(given);
  const over = (values: readonly MetricValue[]): OverSeeds => {
    const nothing = byName((): MetricValue => ({ value: null }));
    const { auroc } = spreadOver(values.map((value) => ({ ...nothing, auroc: value })));
    return { mean: auroc.mean, standard_deviation: auroc.standardDeviation, seeds: auroc.parts };
  };
  const metrics = byName((name) => over(rows.map(({ assessment }) => assessment.values[name])));
  const cases = rows.flatMap(({ byCase }) => (byCase ? [{ value: meanOverCases(byCase) }] : []));
  return {
    setting,
    options,
    seeds: rows.map(({ seed }) => seed),
    metrics: cases.length > 0 ? { ...metrics, auroc_over_cases: over(cases) } : metrics,
  };
}

/** A setting minus the baseline, with the seeds that both have. */
export function differenceReport(
  { layout, hasFolds }: Frame,
  baseline: { readonly name: string; readonly rows: readonly AssessedRow[] },
  other: { readonly name: string; readonly rows: readonly AssessedRow[] },
): DifferenceReport {
  const pairs = bySeed(other.rows).flatMap((row) => {
    const before = baseline.rows.find(({ seed }) => seed === row.seed);
    return before ? [{ seed: row.seed, before, after: row }] : [];
  });
  const before = pairs.map((pair) => pair.before);
  const after = pairs.map((pair) => pair.after);
  const [one, two] = [before, after].map((rows) => rows.map(({ assessment }) => assessment));
  const found = seededDifferences(one!, two!, layout);
  const metrics = byName((name) => estimateOf(found[name]));
  const [from, to] = [before, after].map((rows) => rows.map(({ byCase }) => byCase!));
  return {
    setting: other.name,
    minus: baseline.name,
    seeds: pairs.map(({ seed }) => seed),
    metrics: hasFolds
      ? { ...metrics, auroc_over_cases: estimateOf(seededCaseDifference(from!, to!, "auroc")) }
      : metrics,
  };
}

function estimateOf({ standardError, ...rest }: SeededDifference): SeededEstimate {
  const { value, low, high, seeds, degrees } = rest;
  return { value, low, high, seeds, standard_error: standardError, degrees };
}
