/** Computes every number of a report from a model's answers. The page only shows these numbers. */
import type { ModelCard } from "../../artifacts/model_card.ts";
import type { Training } from "../../artifacts/training.ts";
import type { DeviceName } from "../../engine/runtime/devices.ts";
import type { Dataset } from "../../histology/dataset/dataset.ts";
import type { Split } from "../../histology/dataset/split_names.ts";
import { estimatesByThreshold } from "../../metrics/at_threshold.ts";
import { type CaseMetrics, macroEstimates, metricsByCase } from "../../metrics/by_case.ts";
import { reliabilityBins, scaledProbability } from "../../metrics/calibration.ts";
import { caseSizesOf } from "../../metrics/clusters.ts";
import { decisionCurve } from "../../metrics/decision_curve.ts";
import { metricsWithIntervals, type Sample } from "../../metrics/intervals.ts";
import { operatingTable } from "../../metrics/operating_point.ts";
import { brier, calibrationError, logLoss } from "../../metrics/scoring_rules.ts";
import { confusionOf, tallyOf } from "../../metrics/tally.ts";
import { correctedStatement } from "../../reports/evaluation/corrected.ts";
import { precisionRecallPoints, rocPoints, scoreBins } from "../../reports/evaluation/curves.ts";
import type { ShownPatch } from "../../reports/evaluation/gallery.ts";
import { chooseGallery } from "../../reports/evaluation/gallery.ts";
import { intervalsOver } from "../../reports/evaluation/interval_text.ts";
import type { Leakage } from "../../reports/evaluation/leakage.ts";
import type { Likeness } from "../../reports/evaluation/likeness.ts";
import type { CaseRow, EvaluationReport, Reliability } from "../../reports/evaluation/report.ts";
import { namedModel } from "../../reports/named_model.ts";
import { exactDecimal } from "../../reports/prediction.ts";
import { shownPath } from "../../system/paths.ts";
import { RESEARCH_USE_NOTICE } from "../../util/notice.ts";
import { atOnce } from "../../util/turns.ts";
import { trainingDataOf } from "./leakage.ts";

/** The input of a report: a model's answers for the patches of a split, and the data of their origin. */
export interface EvaluationInput {
  readonly dataset: Dataset;
  readonly split: Split;
  /** The record indices of the split. */
  readonly rows: Uint32Array;
  /** [rows] The probability of the positive class. */
  readonly probabilities: Float32Array;
  /** The name of the model. */
  readonly name: string;
  readonly card: ModelCard;
  readonly device: DeviceName;
  readonly modelSha256: string;
  readonly leakage: Leakage;
  readonly likeness: Likeness;
  /** Null if the model does not belong to a run. */
  readonly training: Training | null;
  /** As in the report. */
  readonly method: string;
  readonly caveats: readonly string[];
  /** The shares of positive patches for which to compute predictive values, in addition to the split's own share. */
  readonly prevalences: readonly number[];
  /** The command line that reproduces this report. */
  readonly command: string;
  readonly versions: Readonly<Record<string, string>>;
}

/** All numbers in one call; see `reportSteps`. */
export function reportOf(evaluated: EvaluationInput): EvaluationReport {
  return atOnce(reportSteps(evaluated));
}

/** Computes all numbers in small steps, so that the caller can pause between them. */
export function* reportSteps(evaluated: EvaluationInput): Generator<void, EvaluationReport> {
  const { dataset, split, rows, card, modelSha256 } = evaluated;
  const patches = patchesOf(evaluated);
  const labels = patches.map(({ label }) => label);
  const probabilities = patches.map(({ probability }) => probability);
  const tally = tallyOf(labels, probabilities, card.class_names);
  const { counts, sha256, split: splitting, rejected, corrections } = dataset.description;
  const corrected = corrections ? { corrected_cases: corrections.cases[split] } : {};
  const statement = correctedStatement({ split, dataset: corrected });
  const named = counts[split].cases > 0;
  const sample = { labels, probabilities, cases: patches.map((patch) => patch.case) };
  const metrics = metricsWithIntervals(sample, card.threshold);
  yield;
  const byCase = named ? metricsByCase(sample, card.threshold) : [];
  yield;
  const macro = named ? macroEstimates(byCase) : null;
  const calibration = calibrationOf(labels, probabilities, card.temperature);
  yield;
  const own = tally.positiveCount / rows.length;
  const prevalence = { own, at: predictiveRows(sample, card.threshold, own, evaluated.prevalences) };
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
    prevalence,
    calibration,
    ...curves,
    scores: scoreBins(tally),
    decision_curve: decisionCurve(tally) ?? [],
    gallery: chooseGallery(patches, card.threshold),
    leakage: evaluated.leakage,
    likeness: evaluated.likeness,
    training: evaluated.training,
    method: evaluated.method,
    caveats: statement === undefined ? evaluated.caveats : [statement, ...evaluated.caveats],
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
      ...corrected,
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

/** The cases, sorted by name. */
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

/**
 * Predictive values at the split's own share of positive patches and at the requested ones, in ascending order. At the
 * own share they are the metrics PPV and NPV, whose intervals let the share vary too.
 */
function predictiveRows(
  sample: Sample,
  threshold: number,
  own: number,
  requested: readonly number[],
): EvaluationReport["prevalence"]["at"] {
  const others = requested.filter((prevalence) => prevalence !== own);
  const { metrics, predictive } = estimatesByThreshold(sample)(threshold, others);
  const defined = metrics.sensitivity.value !== null && metrics.specificity.value !== null;
  const rows = [...(defined ? predictive : []), { prevalence: own, ppv: metrics.ppv, npv: metrics.npv }];
  return rows
    .map(({ prevalence, ppv, npv }) => ({
      prevalence,
      ppv: ppv.value,
      npv: npv.value,
      ppv_low: ppv.low,
      ppv_high: ppv.high,
      npv_low: npv.low,
      npv_high: npv.high,
    }))
    .sort((a, b) => a.prevalence - b.prevalence);
}

/** The model's probabilities contain the temperature T. So scaling them by 1 / T gives the unscaled probabilities. */
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
