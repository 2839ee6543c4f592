/** Known labels of a slide's patches, matched with what was scored: the metrics of "evaluate", and which patches were hit or missed. */
import { basename, extname } from "node:path";
import type { Labels } from "../../artifacts/slide_labels.ts";
import { cornerOf } from "../../histology/slide/patches.ts";
import { computeMetrics } from "../../metrics/table.ts";
import { confusionAt } from "../../metrics/tally.ts";
import type { Agreement } from "../../reports/slide/agreement.ts";
import { type SlideScores, scoredCells } from "../../reports/slide/scores.ts";
import { UserError } from "../../util/errors.ts";

/** What came of labelled patches. */
export const OUTCOMES = ["true positive", "false negative", "false positive", "true negative"] as const;
export type Outcome = (typeof OUTCOMES)[number];

/** The case that a slide shows, by its file's name, unless it is named. */
export const caseOf = (slidePath: string): string => basename(slidePath, extname(slidePath));

/** @throws UserError if no labelled patch was scored. */
export function agreementOf(scores: SlideScores, labels: Labels, threshold: number): Agreement {
  const labelled = [...labelledCells(scores, labels)];
  if (labelled.length === 0) {
    throw new UserError(
      "labels-missing",
      `No labelled patch is one of the grid's: labels need a stride that divides ${scores.grid.side}, and the slide at the scale of the labels.`,
    );
  }
  const matched = labelled.map(({ label }) => label);
  const probabilities = labelled.map(({ cell }) => scores.probabilities[cell]!);
  const idc = matched.reduce<number>((sum, label) => sum + label, 0);
  const metrics = Object.entries(computeMetrics(matched, probabilities, threshold));
  return {
    labelled: labels.size,
    matched: matched.length,
    unscored: labels.size - matched.length,
    unscored_idc: labels.idc - idc,
    confusion: confusionAt(matched, probabilities, threshold),
    metrics: Object.fromEntries(metrics.map(([name, { value }]) => [name, value])) as Agreement["metrics"],
  };
}

/** The cells that are scored and whose label is known, ascending. */
function* labelledCells(scores: SlideScores, labels: Labels): Generator<{ cell: number; label: 0 | 1 }, void> {
  for (const cell of scoredCells(scores)) {
    const { x, y } = cornerOf(scores.grid, cell);
    const label = labels.get(x, y);
    if (label !== undefined) yield { cell, label };
  }
}

/** A cell that was not scored, or whose label is not known. */
const NO_OUTCOME = 255;

/** What came of each cell: uint8 [rows, columns] its place in OUTCOMES, or 255 if it was not scored or its label is not known. */
export function outcomesOf(scores: SlideScores, labels: Labels, threshold: number): Uint8Array {
  const outcomes = new Uint8Array(scores.probabilities.length).fill(NO_OUTCOME);
  for (const { cell, label } of labelledCells(scores, labels)) {
    outcomes[cell] = OUTCOMES.indexOf(outcomeOf(label, scores.probabilities[cell]! >= threshold));
  }
  return outcomes;
}

function outcomeOf(label: 0 | 1, isIdc: boolean): Outcome {
  if (label === 1) return isIdc ? "true positive" : "false negative";
  return isIdc ? "false positive" : "true negative";
}
