/** The HTML page of a cross-validation. It is a single file that opens without a network. */
import { SPLITS } from "../../histology/dataset/split_names.ts";
import { CALIBRATION_BINS } from "../../metrics/scoring_rules.ts";
import { METRIC_NAMES, metricTitle } from "../../metrics/table.ts";
import { counted, whole } from "../../util/numbers.ts";
import { classWords } from "../class_words.ts";
import { caseSection } from "../evaluation/section_cases.ts";
import { binsElement } from "../evaluation/section_figures.ts";
import { confusionElement } from "../evaluation/section_results.ts";
import { pageText } from "../html/document.ts";
import {
  cell,
  decimal,
  figureElement,
  intervalCell,
  percent,
  type Section,
  tableElement,
  withInterval,
} from "../html/elements.ts";
import { html } from "../html/html.ts";
import { chosenOnValidation } from "../training/kept_text.ts";
import type { CrossvalidationDrawings } from "./charts.ts";
import type { CrossvalidationReport } from "./report.ts";
import { foldCells, foldColumns, meaningOf, spreadCells } from "./text.ts";

/** Returns the HTML of the page. */
export function crossvalidationPage(report: CrossvalidationReport, drawings: CrossvalidationDrawings): string {
  const { model, folds, notice, versions } = report;
  return pageText({
    title: `Cross-validation of ${model.model} in ${counted(folds.length, "fold")}`,
    sections: [
      summarySection(report),
      foldsSection(report),
      metricsSection(report),
      rankingSection(report, drawings),
      calibrationSection(report, drawings),
      caseSection(report.by_case, classWords(model.class_names), [{ title: "fold", cell: ({ fold }) => String(fold) }]),
      dataSection(report),
      originSection(report),
    ],
    notice,
    software: versions.cancernet,
  });
}

function summarySection(report: CrossvalidationReport): Section {
  const { model, folds, patches, cases, confusion, metrics, over_folds } = report;
  const { positive, share } = classWords(model.class_names);
  const spread = (name: "auroc" | "balanced_accuracy") =>
    `${decimal(over_folds[name].mean)} (standard deviation ${decimal(over_folds[name].standard_deviation)})`;
  const leaking = folds.filter(({ leakage }) => leakage);
  const content = html`
<p>The ${counted(cases, "case")} were assigned to ${counted(folds.length, "fold")}. For each fold the model <b>${model.model}</b> (recipe ${model.recipe}) was trained again
on the other folds, one of which chose ${chosenOnValidation(report.settings.keep)}, and then classified the fold's own cases. So each
of the ${counted(patches, "patch")} was classified once, by a model that had not seen its case; ${percent((confusion.tp + confusion.fn) / patches)} of them carry the label
${positive}, the positive class.</p>
<ul>
<li>Ranking: AUROC ${withInterval(metrics.auroc)} over all patches; mean over folds ${spread("auroc")}.</li>
<li>Each patch called at its own fold's threshold: sensitivity ${withInterval(metrics.sensitivity)}, specificity
${withInterval(metrics.specificity)}, F1 of the ${positive} class ${withInterval(metrics.f1)}.</li>
<li>Balanced accuracy ${withInterval(metrics.balanced_accuracy)} over all patches; mean over folds ${spread("balanced_accuracy")}.</li>
<li>Expected calibration error ${withInterval(metrics.calibration_error)}: the mean over ${CALIBRATION_BINS} bins of probability of the distance between the mean
probability and the ${share}, each bin weighed by its patches. It is larger than 0 by chance even if the probabilities are right.</li>
</ul>
<h3>How these numbers are meant</h3>
<ul>
${meaningOf(report).map((sentence) => html`<li>${sentence}</li>\n`)}<li>They show how well the recipe does on cases like these, not how well one model does: none of the ${folds.length} is the one to use.</li>
<li>Everything is counted by patch. How often a patient is classified rightly was not measured.</li>
<li>At another scale, stain or scanner than that of the dataset the numbers do not hold.</li>
</ul>
${
  leaking.length > 0 &&
  html`<p class="warning"><b>Leakage.</b> Patches of fold ${leaking.map(({ fold }) => fold).join(", ")} have the very pixels of patches in its
training or validation part: the numbers flatter the model. The evaluation of the fold counts them.</p>`
}
<p>Y. Bengio, Y. Grandvalet: No unbiased estimator of the variance of k-fold cross-validation. Journal of Machine Learning Research 5
(2004), 1089-1105.</p>`;
  return { id: "summary", title: "Summary", content };
}

function foldsSection(report: CrossvalidationReport): Section {
  const { positive } = classWords(report.model.class_names);
  const content = html`${tableElement({
    caption:
      "Each fold: the cases that it tests, the epoch, threshold and temperature of its model, and what that says of the fold's cases. Below, the mean and the standard deviation over folds.",
    columns: foldColumns(report),
    rows: [...report.folds.map(foldCells), ...spreadCells(report)],
  })}
<p>Each fold's run and dataset are ordinary ones. Its own report lies beside this page, as <code>evaluation-test/report.html</code> in its run:
${report.folds.map(({ run }, place) => html`${place > 0 && ", "}<code>${run}</code>`)}.</p>
${tableElement({
  caption: "What each fold's model was made from: training, validation and test parts.",
  columns: ["fold", ...SPLITS.flatMap((split) => [`${split}: cases`, "patches", positive])],
  rows: report.folds.map(({ fold, counts }) => [
    String(fold),
    ...SPLITS.flatMap((split) => {
      const { cases, patches, idc } = counts[split];
      return [whole(cases), whole(patches), percent(idc / patches)];
    }),
  ]),
})}`;
  return { id: "folds", title: "The folds", content };
}

function metricsSection(report: CrossvalidationReport): Section {
  const { confusion, model, metrics, over_folds, macro } = report;
  const content = html`${confusionElement(
    confusion,
    model.class_names,
    "Confusion matrix of all patches, each called at the threshold of its own fold.",
  )}${tableElement({
    caption:
      "Metrics over all patches with 95 % intervals; their mean and standard deviation over folds, each fold counting once; and their mean over cases, in which a small case counts as much as a large one.",
    columns: [
      "metric",
      "all patches",
      "95 % interval",
      "mean over folds",
      "standard deviation",
      "mean over cases",
      "95 % interval",
    ],
    rows: METRIC_NAMES.map((name) => [
      metricTitle(name, model.class_names[1]),
      cell(metrics[name].value),
      intervalCell(metrics[name]),
      cell(over_folds[name].mean),
      cell(over_folds[name].standard_deviation),
      cell(macro[name].value),
      intervalCell(macro[name]),
    ]),
  })}`;
  return { id: "metrics", title: "Confusion matrix and metrics", content };
}

function rankingSection({ metrics, over_folds }: CrossvalidationReport, drawings: CrossvalidationDrawings): Section {
  const content = html`<div class="charts">
${figureElement(
  drawings.roc,
  html`ROC curves: sensitivity against 1 - specificity over all thresholds. Thin: each fold by itself, mean area ${decimal(over_folds.auroc.mean)}. Blue: the
    probabilities of all folds ranked together, area ${decimal(metrics.auroc.value)}. The dotted line is chance.`,
)}
</div>`;
  return { id: "ranking", title: "Ranking: ROC", content };
}

function calibrationSection({ calibration, model }: CrossvalidationReport, drawings: CrossvalidationDrawings): Section {
  const words = classWords(model.class_names);
  const content = html`<div class="charts">
${figureElement(
  drawings.reliability,
  `Reliability of all patches: the observed ${words.share} against the mean probability, in ${CALIBRATION_BINS} bins. On the dotted line both agree; the mean distance from it, each bin weighed by its patches, is the expected calibration error. Each fold's probabilities were scaled by a temperature fitted on its val cases (Guo et al. 2017).`,
)}
</div>
${binsElement(calibration, words)}`;
  return { id: "calibration", title: "Calibration", content };
}

function dataSection({ dataset, settings, model }: CrossvalidationReport): Section {
  const { ofBoth, shares } = classWords(model.class_names);
  const rejected = Object.entries(dataset.rejected);
  const content = html`
<p>The dataset ${dataset.folder}: all of its patches, however it is split itself. Left out when it was prepared: ${
    rejected.length === 0 ? "nothing" : rejected.map(([kind, count]) => `${kind} ${whole(count)}`).join(", ")
  }. Folds hold whole cases, and are balanced by patches ${ofBoth} and by the cases' ${shares}.</p>
${tableElement({
  caption: "The settings of every fold's training.",
  columns: ["setting", "value"],
  rows: Object.entries(settings).map(([name, value]) => [name, String(value)]),
  words: true,
})}`;
  return { id: "data", title: "Data and settings", content };
}

function originSection({ command, dataset, folds, versions }: CrossvalidationReport): Section {
  const content = html`<pre>${command}</pre>
${tableElement({
  caption: "What was cross-validated, with what. The same dataset and settings give the same report on one machine.",
  columns: ["", ""],
  rows: [
    ["SHA-256 of the dataset's manifest", html`<code>${dataset.sha256}</code>`],
    ["SHA-256 of the dataset's records", html`<code>${dataset.records_sha256}</code>`],
    ...folds.map((one) => [`SHA-256 of the model of fold ${one.fold}`, html`<code>${one.model_sha256}</code>`]),
    ...Object.entries(versions).map(([name, version]) => [`Version of ${name}`, version]),
  ],
  words: true,
})}`;
  return { id: "origin", title: "How to get this report again", content };
}
