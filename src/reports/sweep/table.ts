/** The table sweep.csv: one row per setting and seed, then one row per setting. */
import { METRIC_NAMES } from "../../metrics/table.ts";
import { toCsv } from "../../util/csv.ts";
import type { SweepMetric, SweepReport } from "./report.ts";

/** The metrics of a sweep, in the order of its tables. */
export const sweepMetrics = ({ folds }: Pick<SweepReport, "folds">): SweepMetric[] =>
  folds === null
    ? [...METRIC_NAMES]
    : METRIC_NAMES.flatMap((name) => (name === "auroc" ? [name, "auroc_over_cases"] : [name]));

const PARTS = ["", "_sd", "_difference", "_low", "_high"] as const;

/**
 * A row of a setting and a seed has the metrics. A row of a setting has their mean and standard deviation over seeds,
 * and the difference from the baseline with its interval.
 */
export function sweepCsv(report: SweepReport): string {
  const names = sweepMetrics(report);
  const columns = ["row", "setting", "seed", "seeds", "folder", "status", "error"];
  const metrics = names.flatMap((name) => PARTS.map((part) => `${name}${part}`));
  const differences = new Map(report.differences.map((one) => [one.setting, one]));
  return toCsv(
    [...columns, ...metrics],
    [
      ...report.rows.map(({ setting, seed, folder, status, error, metrics: values }) => [
        ...["seed", setting, seed, "", folder, status, error ?? ""],
        ...names.flatMap((name) => [values?.[name] ?? "", "", "", "", ""]),
      ]),
      ...report.settings.map(({ setting, seeds, metrics: values }) => [
        ...["setting", setting, "", seeds.length, "", "", ""],
        ...names.flatMap((name) => {
          const { mean, standard_deviation } = values[name] ?? { mean: null, standard_deviation: null };
          const { value, low, high } = differences.get(setting)?.metrics[name] ?? {
            value: null,
            low: null,
            high: null,
          };
          return [mean, standard_deviation, value, low, high].map((number) => number ?? "");
        }),
      ]),
    ],
  );
}
