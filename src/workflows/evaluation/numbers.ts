/** Computes every number of a report once, from a model's answers; the page shows them, and nothing else. */
import type { ModelCard } from "../../artifacts/model_card.ts";
import type { Training } from "../../artifacts/training.ts";
import type { DeviceName } from "../../engine/runtime/devices.ts";
import type { Dataset } from "../../histology/dataset/dataset.ts";
import type { Split } from "../../histology/dataset/split_names.ts";
import { type CaseMetrics, macroEstimates, metricsByCase } from "../../metrics/by_case.ts";
import { reliabilityBins, scaledProbability } from "../../metrics/calibration.ts";
import { caseSizesOf } from "../../metrics/clusters.ts";
import { decisionCurve } from "../../metrics/decision_curve.ts";
import { metricsWithIntervals } from "../../metrics/intervals.ts";
import { operatingTable, predictiveValues } from "../../metrics/operating_point.ts";
import { brier, calibrationError, logLoss } from "../../metrics/scoring_rules.ts";
import { confusionOf, tallyOf } from "../../metrics/tally.ts";
import { precisionRecallPoints, rocPoints, scoreBins } from "../../reports/evaluation/curves.ts";
import type { ShownPatch } from "../../reports/evaluation/gallery.ts";
import { chooseGallery } from "../../reports/evaluation/gallery.ts";
import { intervalsOver } from "../../reports/evaluation/interval_text.ts";
import type { Leakage } from "../../reports/evaluation/leakage.ts";
import type { CaseRow, EvaluationReport, Reliability } from "../../reports/evaluation/report.ts";
import { namedModel } from "../../reports/named_model.ts";
import { exactDecimal } from "../../reports/prediction.ts";
import { shownPath } from "../../system/paths.ts";
import { RESEARCH_USE_NOTICE } from "../../util/notice.ts";
import { atOnce } from "../../util/turns.ts";
import { trainingDataOf } from "./leakage.ts";

/** What a report is made of: a model's answers to the patches of a split, and where all this comes from. */
export interface EvaluationInput {
  readonly dataset: Dataset;
  readonly split: Split;
  /** The records of the split. */
  readonly rows: Uint32Array;
  /** [rows] The probability of IDC. */
  readonly probabilities: Float32Array;
  /** What the model is called. */
  readonly name: string;
  readonly card: ModelCard;
  readonly device: DeviceName;
  readonly modelSha256: string;
  readonly leakage: Leakage;
  /** Null if the model does not belong to a run. */
  readonly training: Training | null;
  /** As the report has them. */
  readonly method: string;
  readonly caveats: readonly string[];
  /** The shares of IDC at which predictive values are wanted, besides the set's own. */
  readonly prevalences: readonly number[];
  /** The command line that gives this report again. */
  readonly command: string;
  readonly versions: Readonly<Record<string, string>>;
}

/** All numbers at once; see `reportSteps`. */
export function reportOf(evaluated: EvaluationInput): EvaluationReport {
  return atOnce(reportSteps(evaluated));
}

/** Computes all numbers, a little a step. */
export function* reportSteps(evaluated: EvaluationInput): Generator<void, EvaluationReport> {
  const { dataset, split, rows, card, modelSha256 } = evaluated;
  const patches = patchesOf(evaluated);
  const labels = patches.map(({ label }) => label);
  const probabilities = patches.map(({ probability }) => probability);
  const tally = tallyOf(labels, probabilities, card.class_names);
  const { counts, sha256, split: splitting, rejected } = dataset.description;
  const named = counts[split].cases > 0;
  const sample = { labels, probabilities, cases: patches.map((patch) => patch.case) };
  const metrics = metricsWithIntervals(sample, card.threshold);
  yield;
  const byCase = named ? metricsByCase(sample, card.threshold) : [];
  yield;
  const macro = named ? macroEstimates(byCase) : null;
  const calibration = calibrationOf(labels, probabilities, card.temperature);
  yield;
  const curves = { roc: rocPoints(tally), precision_recall: precisionRecallPoints(tally) };
  yield;
  return {
    split,
    patches: rows.length,
    cases: counts[split].cases,
    threshold: card.threshold,
    confusion: confusionOf(tally, card.threshold),
    metrics,
    intervals: intervalsOver(counts[split].cases),
    case_sizes: caseSizesOf(sample.cases),
    by_case: caseRows(byCase),
    macro,
    operating_table: operatingTable(tally, card.threshold),
    prevalence: predictiveRows(metrics, tally.positiveCount / rows.length, evaluated.prevalences),
    calibration,
    ...curves,
    scores: scoreBins(tally),
    decision_curve: decisionCurve(tally) ?? [],
    gallery: chooseGallery(patches, card.threshold),
    leakage: evaluated.leakage,
    training: evaluated.training,
    method: evaluated.method,
    caveats: evaluated.caveats,
    model: namedModel(evaluated.name, card),
    model_sha256: modelSha256,
    device: evaluated.device,
    dataset: {
      folder: shownPath(dataset.folder),
      sha256: sha256.manifest,
      records_sha256: sha256.patches,
      same_as_in_training: trainingDataOf(card, dataset) === "this",
      split_method: splitting.method,
      split_seed: splitting.seed,
      counts,
      rejected,
    },
    command: evaluated.command,
    versions: evaluated.versions,
    notice: RESEARCH_USE_NOTICE,
  };
}

function patchesOf({ dataset, rows, probabilities }: EvaluationInput): ShownPatch[] {
  return Array.from(rows, (index, place) => {
    const { id, caseId, label } = dataset.rows[index]!;
    return { index, id, case: caseId, label, probability: exactDecimal(probabilities[place]!) };
  });
}

/** The cases in the order of their names. */
export function caseRows(cases: readonly CaseMetrics[]): CaseRow[] {
  return cases
    .map(({ case: caseId, patches, idcShare, metrics }) => ({
      case: caseId,
      patches,
      idc_share: idcShare,
      auroc: metrics.auroc.value,
      sensitivity: metrics.sensitivity.value,
      specificity: metrics.specificity.value,
    }))
    .sort((a, b) => a.case.localeCompare(b.case, "en", { numeric: true }));
}

/** Predictive values at the set's own share of IDC and at those asked for, rising. */
function predictiveRows(
  { sensitivity, specificity, ppv, npv }: EvaluationReport["metrics"],
  own: number,
  others: readonly number[],
): EvaluationReport["prevalence"] {
  const rates = { sensitivity: sensitivity.value, specificity: specificity.value };
  const rows = others.flatMap((prevalence) =>
    rates.sensitivity === null || rates.specificity === null || prevalence === own
      ? []
      : [{ prevalence, ...predictiveValues(rates as { sensitivity: number; specificity: number }, prevalence) }],
  );
  const at = [...rows, { prevalence: own, ppv: ppv.value, npv: npv.value }];
  return { own, at: at.sort((a, b) => a.prevalence - b.prevalence) };
}

/** With temperature T in the model, its probabilities without scaling are those scaled by 1 / T. */
function calibrationOf(
  labels: readonly number[],
  probabilities: readonly number[],
  temperature: number,
): EvaluationReport["calibration"] {
  const raw = temperature === 1 ? null : probabilities.map((p) => scaledProbability(p, 1 / temperature));
  return {
    temperature,
    before: raw && reliabilityOf(labels, raw),
    after: reliabilityOf(labels, probabilities),
  };
}

export function reliabilityOf(labels: readonly number[], probabilities: readonly number[]): Reliability {
  const tally = tallyOf(labels, probabilities);
  return {
    log_loss: logLoss(tally),
    brier: brier(tally),
    calibration_error: calibrationError(tally),
    bins: reliabilityBins(labels, probabilities).map(({ meanProbability, ...bin }) => {
      return { ...bin, mean_probability: meanProbability };
    }),
  };
}
