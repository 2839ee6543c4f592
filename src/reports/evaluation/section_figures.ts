/** The sections with charts: ranking, calibration, decision curve and training. */
import { CALIBRATION_BINS } from "../../metrics/scoring_rules.ts";
import { whole } from "../../util/numbers.ts";
import { calibratedOnWords } from "../calibration/words.ts";
import { type ClassWords, classWords } from "../class_words.ts";
import { cell, decimal, figureElement, type Section, tableElement } from "../html/elements.ts";
import { type Html, html } from "../html/html.ts";
import { keptWordsOf } from "../training/kept_text.ts";
import type { Drawings } from "./drawing.ts";
import type { EvaluationReport, Reliability } from "./report.ts";

export function rankingSection({ metrics, prevalence, model }: EvaluationReport, drawings: Drawings): Section {
  const { share } = classWords(model.class_names);
  const content = html`<div class="charts">
${figureElement(
  drawings.roc,
  html`ROC curve: sensitivity against 1 - specificity over all thresholds; area ${decimal(metrics.auroc.value)}. The dotted line is
    chance.`,
)}
${figureElement(
  drawings.precisionRecall,
  html`Precision against recall; average precision ${decimal(metrics.auprc.value)}. The dotted line is chance: the ${share},
    ${decimal(prevalence.own)}.`,
)}
</div>`;
  return { id: "ranking", title: "Ranking: ROC and precision-recall", content };
}

export function calibrationSection({ calibration, threshold, model }: EvaluationReport, drawings: Drawings): Section {
  const words = classWords(model.class_names);
  const { before, after, temperature } = calibration;
  const content = html`
<p>${
    before
      ? html`The model divides its logits by the temperature ${decimal(temperature)}, which was fitted on ${calibratedOnWords(model)} (Guo et al. 2017).
        This changes how sure it is, but not the order of patches.`
      : "The model's probabilities are as its training left them: its temperature is 1."
  } If a model is calibrated, about 7 of 10 patches with a probability near 0.7 ${words.havePositive}, over many patches of cases like these.
The diagram shows how near it comes to that on this split; a single case can be far from it.</p>
<div class="charts">
${figureElement(
  drawings.reliability,
  `Reliability: the observed ${words.share} against the mean probability, in ${CALIBRATION_BINS} bins. On the dotted line both agree; the mean distance from it, each bin weighed by its patches, is the expected calibration error, ${decimal(after.calibration_error)}.`,
)}
${figureElement(drawings.scores, html`How the probabilities of each class are spread, in shares of the class. The dashed line is the threshold, ${decimal(threshold)}.`)}
</div>
${before ? beforeAndAfter(before, after) : null}
${binsElement(after, words)}`;
  return { id: "calibration", title: "Calibration", content };
}

/** The points of a reliability diagram as a table. */
export function binsElement({ bins }: Reliability, { share }: ClassWords): Html {
  return tableElement({
    caption:
      "The bins of the reliability diagram; a bin holds its upper end. Bins of few patches, or of few cases, say little.",
    columns: ["probability", "patches", "mean probability", `observed ${share}`],
    rows: bins.map((bin) => [
      `${decimal(bin.low, 1)} to ${decimal(bin.high, 1)}`,
      whole(bin.patches),
      cell(bin.mean_probability),
      cell(bin.share),
    ]),
  });
}

function beforeAndAfter(before: Reliability, after: Reliability): Html {
  const row = (title: string, name: "log_loss" | "brier" | "calibration_error") => [
    title,
    cell(before[name]),
    cell(after[name]),
  ];
  return tableElement({
    caption: `What temperature scaling did on this split; lower is better. The calibration error is that of ${CALIBRATION_BINS} bins.`,
    columns: ["", "before", "after"],
    rows: [
      row("Log loss", "log_loss"),
      row("Brier score", "brier"),
      row("Expected calibration error", "calibration_error"),
    ],
  });
}

export function decisionSection({ prevalence, model }: EvaluationReport, drawings: Drawings): Section {
  const { positive, withPositive } = classWords(model.class_names);
  const content = html`<div class="charts">
${figureElement(
  drawings.decision,
  html`Net benefit (Vickers & Elkin 2006): true positives per patch, less false positives weighed by the odds of the threshold
    probability. At a threshold probability of 0.2 a missed ${positive} patch weighs as much as four false alarms.`,
)}
</div>
<p>The curve takes the probabilities to be right and holds for ${decimal(prevalence.own)} of patches ${withPositive}. It compares rules for
single patches; what a decision on a patient is worth cannot be read from it.</p>`;
  return { id: "decisions", title: "Decision curve", content };
}

export function trainingSection({ training, model }: EvaluationReport, drawings: Drawings): Section | null {
  if (!training) return null;
  const settings = Object.entries(training.settings).map(([name, value]) => [name, String(value)]);
  const content = html`${figureElement(drawings.training, "Loss, accuracy and AUROC by epoch; what is kept is marked.")}
${tableElement({
  caption: html`The settings of the run, which kept ${keptWordsOf(model) ?? "an unknown epoch"}; computed by the ${training.engine} engine on
    ${training.device}.`,
  columns: ["setting", "value"],
  rows: settings,
  words: true,
})}`;
  return { id: "training", title: "Training", content };
}
