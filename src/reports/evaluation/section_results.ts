/** The report's first sections: the summary, the confusion matrix, the metrics, and the results at other thresholds. */
import type { ClassNames } from "../../histology/dataset/class_names.ts";
import { CALIBRATION_BINS } from "../../metrics/scoring_rules.ts";
import { METRIC_NAMES, metricTitle } from "../../metrics/table.ts";
import type { Confusion } from "../../metrics/tally.ts";
import { counted, whole } from "../../util/numbers.ts";
import { calibratedOnWords } from "../calibration/words.ts";
import { classWords } from "../class_words.ts";
import {
  cell,
  decimal,
  intervalCell,
  madeBy,
  percent,
  type Section,
  tableElement,
  withInterval,
} from "../html/elements.ts";
import { type Html, html } from "../html/html.ts";
import { correctedStatement } from "./corrected.ts";
import { caseSizesText, INTERVALS_COVER, intervalsMade } from "./interval_text.ts";
import { uncheckedText } from "./leakage.ts";
import { likenessText, likenessWarnings } from "./likeness.ts";
import { predictiveEstimates, prevalenceName } from "./prevalence_text.ts";
import type { EvaluationReport } from "./report.ts";
import { splitUseText } from "./text.ts";

export function summarySection(report: EvaluationReport): Section {
  const { metrics, model, split, patches, cases, case_sizes, threshold, prevalence } = report;
  const words = classWords(model.class_names);
  const splitUse = splitUseText(report);
  const content = html`
<p>The model <b>${model.name}</b> (${madeBy(model)}) classified the ${counted(patches, "patch")} of the ${split} split; ${percent(
    prevalence.own,
  )} of them carry the label ${words.positive}, the positive class.</p>
${
  case_sizes &&
  html`<p>The patches are of ${caseSizesText(cases, case_sizes)}: ${counted(cases, "case")} as unequal as these say as much about other cases as ${case_sizes.effective.toFixed(1)} equal ones
(Kish 1965).</p>`
}
<ul>
<li>Ranking: of all pairs of ${words.pair}, the one ${words.withPositive} has the higher probability in this share (ties count half):
AUROC ${withInterval(metrics.auroc)}.</li>
<li>Sensitivity ${withInterval(metrics.sensitivity)}: the share of the patches ${words.withPositive} that it classifies correctly at the
threshold ${decimal(threshold)}${howChosen(report)}.</li>
<li>Specificity ${withInterval(metrics.specificity)}: the share of the patches ${words.withoutPositive} that it classifies correctly.</li>
<li>Balanced accuracy ${withInterval(metrics.balanced_accuracy)}, F1 of the ${words.positive} class ${withInterval(metrics.f1)}.</li>
<li>Expected calibration error ${withInterval(metrics.calibration_error)}: the mean over ${CALIBRATION_BINS} bins of probability of the distance between the mean
probability and the ${words.share}, each bin weighed by its patches. It does not say how far a single probability is from the truth, and it is larger than 0 by chance even
if the probabilities are right.</li>
</ul>
<h3>What these numbers do not say</h3>
<ul>
<li>${intervalsMade(report.intervals)} ${INTERVALS_COVER}</li>
<li>Everything is counted by patch. How often a patient is classified rightly was not measured.</li>
<li>At another scale, stain or scanner than that of the training the numbers do not hold.${
    report.dataset.same_as_in_training
      ? " The cases of all splits are from the same dataset: cases from elsewhere may give other numbers."
      : null
  }</li>
${likenessItem(report)}<li>The predictive values hold for ${percent(prevalence.own)} of patches ${words.withPositive}; <a href="#thresholds">elsewhere they differ</a>.</li>
${report.caveats
  .filter((caveat) => caveat !== correctedStatement(report))
  .map(
    (caveat) => html`<li class="warning">${caveat}</li>
`,
  )}${splitUse && html`<li class="warning">${splitUse}</li>`}
</ul>
${leakageWarning(report)}`;
  return { id: "summary", title: "Summary", content };
}

function likenessItem({ likeness }: EvaluationReport): Html | null {
  const text = likenessText(likeness);
  if (text === undefined) return null;
  return likenessWarnings(likeness).length > 0 ? html`<li class="warning">${text}</li>\n` : html`<li>${text}</li>\n`;
}

function howChosen({ model }: EvaluationReport): string {
  const rule = model.threshold_rule;
  return Number.isNaN(Number(rule))
    ? ` (chosen on ${calibratedOnWords(model)} by the rule ${rule})`
    : " (given beforehand)";
}

function leakageWarning({ leakage, split }: EvaluationReport): Html | null {
  if (leakage.checked && !leakage.found) return null;
  const text = leakage.checked
    ? "Cases or patches of this split were part of the training or of the choices made on the validation split: the numbers flatter the model."
    : uncheckedText(leakage, split);
  return html`<p class="warning"><b>Leakage.</b> ${text} See <a href="#data">data and split</a>.</p>`;
}

export function metricsSection(report: EvaluationReport): Section {
  const { confusion, metrics, macro, model, threshold } = report;
  const { positive } = classWords(model.class_names);
  const content = html`${confusionElement(
    confusion,
    model.class_names,
    `Confusion matrix at the threshold ${decimal(threshold)}, in patches.`,
  )}${tableElement({
    caption: html`Metrics over all patches${
      macro ? ", and their means over cases, in which a small case counts as much as a large one" : null
    }, with 95 % intervals. ${intervalsMade(report.intervals)} The calibration error uses the ${CALIBRATION_BINS} bins of the reliability diagram; chance in the
    bins adds to it, most in its means over cases, and its intervals are the least reliable ones.`,
    columns: ["metric", "all patches", "95 % interval", ...(macro ? ["mean over cases", "95 % interval"] : [])],
    rows: METRIC_NAMES.map((name) => [
      metricTitle(name, positive),
      cell(metrics[name].value),
      intervalCell(metrics[name]),
      ...(macro ? [cell(macro[name].value), intervalCell(macro[name])] : []),
    ]),
  })}
<p>The tutorial that this software began with swaps two names: its "sensitivity" is the specificity here, and the other way round.</p>`;
  return { id: "metrics", title: "Confusion matrix and metrics", content };
}

/** The confusion matrix as a table. */
export function confusionElement(
  { tn, fp, fn, tp }: Confusion,
  [negative, positive]: ClassNames,
  caption: string,
): Html {
  return tableElement({
    caption,
    columns: ["", `predicted ${negative}`, `predicted ${positive}`, "all"],
    rows: [
      [`true ${negative}`, whole(tn), whole(fp), whole(tn + fp)],
      [`true ${positive}`, whole(fn), whole(tp), whole(fn + tp)],
      ["all", whole(tn + fn), whole(fp + tp), whole(tn + fn + fp + tp)],
    ],
  });
}

export function thresholdsSection({ operating_table, prevalence, split, model }: EvaluationReport): Section {
  const words = classWords(model.class_names);
  const content = html`${tableElement({
    caption: html`What thresholds do on this split. Only the chosen one was fixed beforehand: the rows by a rule (such as
      sensitivity=0.95: the highest threshold that finds at least that share) were found on the ${split} split itself, and show what
      the ranking allows, not what to expect of a threshold chosen elsewhere.`,
    columns: ["point", "threshold", "sensitivity", "specificity", "PPV", "NPV", `called ${words.positive}`],
    rows: operating_table.map((row) => [
      row.point,
      cell(row.threshold),
      cell(row.sensitivity),
      cell(row.specificity),
      cell(row.ppv),
      cell(row.npv),
      percent(row.share_called),
    ]),
  })}${tableElement({
    caption: html`Predictive values at the chosen threshold if another share of the patches ${words.hasPositive} (Bayes' theorem; sensitivity
      and specificity are assumed to be the same there, which is not certain: ${words.rarer}). Prevalence is <b>per patch</b> here: the share of tissue patches ${words.withPositive}, not of patients.
      The intervals cover the choice of cases at that prevalence; in the row of this split the share of patches ${words.withPositive} varies too.`,
    columns: ["prevalence", "PPV", "95 % interval", "NPV", "95 % interval"],
    rows: prevalence.at.map((row) => {
      const { ppv, npv } = predictiveEstimates(row);
      return [
        prevalenceName(row, prevalence.own),
        cell(ppv.value),
        intervalCell(ppv),
        cell(npv.value),
        intervalCell(npv),
      ];
    }),
  })}`;
  return { id: "thresholds", title: "Thresholds and predictive values", content };
}
