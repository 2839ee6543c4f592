/**
 * The figures of a model's card: what to expect on new cases, from a cross-validation. The calibration of a fold, and the
 * weights of neighbours, are fitted to the other folds, as those of the model are fitted to all.
 */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { featureCount, featuresAlone, neighbourhoodFeatures } from "../src/histology/neighbourhood.ts";
import { scaledProbability } from "../src/metrics/calibration.ts";
import { caseSizesOf } from "../src/metrics/clusters.ts";
import { type FoldPredictions, pooledByCase, pooledMacro, pooledWithIntervals } from "../src/metrics/pooled.ts";
import { METRIC_NAMES, METRICS } from "../src/metrics/table.ts";
import { caseSizesText } from "../src/reports/evaluation/interval_text.ts";
import { neighbourSteps } from "../src/scoring/fit_neighbours.ts";
import { atOnce } from "../src/util/turns.ts";
import { calibrationOf } from "../src/workflows/calibration.ts";
import type { Unseen } from "../src/workflows/crossvalidation/unseen.ts";

/** The cases of each list `cases_NAME.txt` of a folder, by name. */
export function groupsIn(folder: string): Map<string, Set<string>> {
  const lists = readdirSync(folder).filter((file) => /^cases_.+\.txt$/.test(file));
  return new Map(
    lists.map((file) => [
      file.slice("cases_".length, -".txt".length),
      new Set(readFileSync(join(folder, file), "utf8").split(/\s+/).filter(Boolean)),
    ]),
  );
}

/**
 * The predictions of each fold, by weights of neighbours, a temperature and a threshold that are fitted to the others.
 * @param reach the reach of the neighbours that the model uses
 * @param alone each patch as if its neighbours were missing, as predict classifies an image
 */
export function crossFitted(unseen: Unseen, { reach, alone }: { reach: number; alone: boolean }): FoldPredictions[] {
  const labels = unseen.rows.map(({ label }) => label);
  const places = [...new Set(unseen.folds)].map((fold) =>
    unseen.folds.flatMap((own, row) => (own === fold ? [row] : [])),
  );
  return places.map((own, fold) => {
    const others = places.flatMap((rows, other) => (other === fold ? [] : rows));
    const rawOf = fittedTo(unseen, reach, others);
    const { temperature, threshold } = calibrationOf(
      others.map((row) => labels[row]!),
      Float64Array.from(others, (row) => rawOf(row, false)),
      "youden",
      unseen.classNames,
    );
    return {
      labels: own.map((row) => labels[row]!),
      probabilities: own.map((row) => scaledProbability(rawOf(row, alone), temperature)),
      cases: own.map((row) => unseen.rows[row]!.caseId),
      threshold,
    };
  });
}

/** The probability of a row before calibration, by weights of neighbours that are fitted to some rows. */
function fittedTo({ rows, logits, side }: Unseen, reach: number, fitted: readonly number[]) {
  const features = neighbourhoodFeatures(rows, logits, { reach, spacing: side });
  const width = featureCount(reach);
  const columnsOf = (row: number) => features.subarray(row * width, (row + 1) * width);
  const fittedRows = {
    features: Float64Array.from(fitted.flatMap((row) => [...columnsOf(row)])),
    labels: fitted.map((row) => rows[row]!.label),
    caseIds: fitted.map((row) => rows[row]!.caseId),
  };
  const { weights, bias } = atOnce(neighbourSteps(fittedRows, reach));
  return (row: number, alone = false) => {
    const columns = alone ? featuresAlone(logits[row]!, reach) : [...columnsOf(row)];
    return 1 / (1 + Math.exp(-columns.reduce((sum, value, column) => sum + value * weights[column]!, bias)));
  };
}

const digits = (value: number | null) => (value === null ? "-" : value.toFixed(3));

interface Estimate {
  readonly value: number | null;
  readonly low: number | null;
  readonly high: number | null;
}

const cells = ({ value, low, high }: Estimate) => `${digits(value)} | ${digits(low)} to ${digits(high)}`;

/** "29,567 patches of 220 cases, effectively ...". */
export function sampleText(parts: readonly FoldPredictions[]): string {
  const cases = parts.flatMap((part) => part.cases);
  const count = new Set(cases).size;
  return `${cases.length.toLocaleString("en-US")} patches of ${caseSizesText(count, caseSizesOf(cases)!)}`;
}

/** Every metric over all patches and as the mean over cases, with intervals. */
export function metricTable(parts: readonly FoldPredictions[]): string[] {
  const metrics = pooledWithIntervals(parts);
  const macro = pooledMacro(pooledByCase(parts));
  return [
    "| metric | value | 95 % interval | mean over cases | 95 % interval |",
    "|---|--:|---|--:|---|",
    ...METRIC_NAMES.map((name) => `| ${METRICS[name].title} | ${cells(metrics[name])} | ${cells(macro[name])} |`),
  ];
}

/** Some metrics of the cases of each group. */
export function groupTable(
  parts: readonly FoldPredictions[],
  groups: ReadonlyMap<string, ReadonlySet<string>>,
): string[] {
  const rows = [...groups].map(([name, members]) => {
    const own = parts.map((part) => restricted(part, members)).filter((part) => part.labels.length > 0);
    const metrics = pooledWithIntervals(own);
    const macro = pooledMacro(pooledByCase(own));
    const columns = [metrics.auroc, macro.auroc, metrics.balanced_accuracy, metrics.sensitivity, metrics.specificity];
    const text = ({ value, low, high }: Estimate) => `${digits(value)} (${digits(low)} to ${digits(high)})`;
    const { cases } = { cases: new Set(own.flatMap((part) => part.cases)).size };
    return `| ${name} | ${cases} | ${own.reduce((sum, { labels }) => sum + labels.length, 0).toLocaleString("en-US")} | ${columns.map(text).join(" | ")} |`;
  });
  return [
    "| list | cases | patches | AUROC | AUROC, mean over cases | balanced accuracy | sensitivity | specificity |",
    "|---|--:|--:|---|---|---|---|---|",
    ...rows,
  ];
}

/** The predictions of some cases. */
export function restricted({ labels, probabilities, cases, threshold }: FoldPredictions, members: ReadonlySet<string>) {
  const kept = cases.flatMap((name, place) => (members.has(name) ? [place] : []));
  return {
    labels: kept.map((place) => labels[place]!),
    probabilities: kept.map((place) => probabilities[place]!),
    cases: kept.map((place) => cases[place]!),
    threshold,
  };
}

/** How many cases lie in which range of AUROC, and the cases below chance. */
export function spreadText(parts: readonly FoldPredictions[]): string {
  const rows = pooledByCase(parts).flatMap(({ case: name, metrics: { auroc } }) =>
    auroc.value === null ? [] : [{ name, auroc: auroc.value }],
  );
  const sorted = rows.toSorted((a, b) => a.auroc - b.auroc);
  const at = (share: number) => digits(sorted[Math.floor(share * (sorted.length - 1))]!.auroc);
  const below = sorted.filter(({ auroc }) => auroc < 0.5).map(({ name, auroc }) => `${name} (${digits(auroc)})`);
  return (
    `Of the ${sorted.length} cases with patches of both classes, one in ten has an AUROC of at most ${at(0.1)}, half have at most ` +
    `${at(0.5)}.${below.length > 0 ? ` Below chance: ${below.join(", ")}.` : ""}`
  );
}
