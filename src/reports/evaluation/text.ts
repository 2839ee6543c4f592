/**
 * An evaluation report as lines for the terminal: scikit-learn's classification report, the confusion matrix, and the
 * metrics with their intervals.
 */

import { classificationReport, confusionTable } from "../../metrics/report.ts";
import { METRIC_NAMES, metricTitle } from "../../metrics/table.ts";
import { counted } from "../../util/numbers.ts";
import { tableLines } from "../../util/table.ts";
import { visible } from "../../util/terminal_text.ts";
import { classWords } from "../class_words.ts";
import { cell, decimal, intervalCell, madeBy, range } from "../html/elements.ts";
import { chosenOnValidation } from "../training/kept_text.ts";
import { correctedStatement } from "./corrected.ts";
import { caseSizesText, INTERVALS_COVER, intervalsMade } from "./interval_text.ts";
import { knownText } from "./leakage.ts";
import { likenessText, likenessWarnings } from "./likeness.ts";
import { predictiveEstimates, prevalenceName } from "./prevalence_text.ts";
import type { EvaluationReport, EvaluationResult } from "./report.ts";

/** The result of the command "evaluate". */
export function evaluationLines({ page, report }: EvaluationResult): string[] {
  const statement = correctedStatement(report);
  return [
    ...(statement === undefined ? [] : [statement, ""]),
    ...reportLines(report),
    page === null
      ? "Nothing was written: give --out DIR to keep the report and the predictions."
      : `The whole report is ${page}; its numbers and the predictions are in the same folder.`,
    report.notice,
  ];
}

function reportLines({
  split,
  patches,
  cases,
  case_sizes,
  threshold,
  confusion,
  ...report
}: EvaluationReport): string[] {
  const { metrics, intervals, model, prevalence, likeness } = report;
  const alike = likenessText(likeness);
  const { negative, positive } = classWords(model.class_names, visible);
  const defined = METRIC_NAMES.filter((name) => metrics[name].value !== null);
  return [
    `${model.name} (${madeBy(model)}) on ${split}: ${counted(patches, "patch")}` +
      `${case_sizes ? ` of ${caseSizesText(cases, case_sizes)}.` : "."} ${positive} is positive from probability ${decimal(threshold)} (${model.threshold_rule}).`,
    "",
    ...classificationReport(confusion, [negative, positive]).split("\n"),
    "",
    ...confusionTable(confusion, [negative, positive]).split("\n"),
    "",
    ...tableLines(
      ["metric", "value", "95 % interval"],
      defined.map((name) => [metricTitle(name, positive), decimal(metrics[name].value), range(metrics[name])]),
    ),
    "",
    ...tableLines(
      ["prevalence per patch", "PPV", "95 % interval", "NPV", "95 % interval"],
      prevalence.at.map((row) => {
        const { ppv, npv } = predictiveEstimates(row);
        return [
          prevalenceName(row, prevalence.own),
          cell(ppv.value),
          intervalCell(ppv),
          cell(npv.value),
          intervalCell(npv),
        ];
      }),
    ),
    "",
    `${intervalsMade(intervals)} ${INTERVALS_COVER}`,
    ...(alike === undefined ? [] : [alike]),
    'The tutorial swaps two names: its "sensitivity" is the specificity here, and its "specificity" the sensitivity.',
  ];
}

/** Warnings that the reader needs to interpret the numbers, one sentence each. */
export function reportWarnings({ leakage, likeness, dataset, split, model, caveats }: EvaluationReport): string[] {
  return [...caveats, ...likenessWarnings(likeness), ...leakageWarnings({ leakage, dataset, split, model })];
}

/**
 * Why the numbers of a split other than test flatter the model; undefined on test. On another dataset than that of the
 * training only a later calibration may have used the split.
 */
export function splitUseText({
  split,
  model,
  dataset,
}: Pick<EvaluationReport, "split" | "model" | "dataset">): string | undefined {
  if (split === "test") return undefined;
  if (!dataset.same_as_in_training) {
    return split === "val" && model.calibrated_on !== "crossvalidation"
      ? "If the model was calibrated on this validation split, these numbers flatter the model."
      : undefined;
  }
  const use = split === "val" ? `chose ${chosenOnValidation(model.kept)}` : "is what the model learned from";
  return `The ${split} split ${use}: these numbers flatter the model.`;
}

function leakageWarnings({
  leakage,
  dataset,
  split,
  model,
}: Pick<EvaluationReport, "leakage" | "dataset" | "split" | "model">): string[] {
  if (model.dataset_sha256 === null) {
    return [`It is not known what the model was trained on: make sure that no case of it is in ${dataset.folder}.`];
  }
  if (!leakage.checked && leakage.known && leakage.known.patches > 0)
    return [`Leakage: ${knownText(leakage.known, split)}, so these numbers flatter the model.`];
  if (!dataset.same_as_in_training) {
    return [
      `${dataset.folder} is not the dataset that the model was trained on: make sure that no case of the training is in it.`,
    ];
  }
  if (!leakage.checked || !leakage.found) return [];
  const shared = leakage.overlaps.map(
    ({ split: other, shared_cases, shared_patches }) =>
      `${counted(shared_cases ?? 0, "case")} and ${counted(shared_patches, "patch")} with ${other}`,
  );
  return [`Leakage: ${split} shares ${shared.join(", ")}, so these numbers flatter the model: split by case.`];
}
