/**
 * Compares the scores of a slide with known labels: the same metrics as in "evaluate", and the outcome of each patch.
 */
import { basename, extname } from "node:path";
import type { Labels } from "../../artifacts/slide_labels.ts";
import { cornerOf } from "../../histology/slide/patches.ts";
import { type SlideScores, scoredCells } from "../../histology/slide/scores.ts";
import { computeMetrics } from "../../metrics/table.ts";
import { confusionAt } from "../../metrics/tally.ts";
import type { Agreement } from "../../reports/slide/agreement.ts";
import { UserError } from "../../util/errors.ts";

/** The possible outcomes of a labelled patch. */
export const OUTCOMES = ["true positive", "false negative", "false positive", "true negative"] as const;
export type Outcome = (typeof OUTCOMES)[number];

/** The default case of a slide: the name of its file without the extension. */
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

/** The scored cells with a known label, in ascending order. */
function* labelledCells(scores: SlideScores, labels: Labels): Generator<{ cell: number; label: 0 | 1 }, void> {
  for (const cell of scoredCells(scores)) {
    const { x, y } = cornerOf(scores.grid, cell);
    const label = labels.get(x, y);
    if (label !== undefined) yield { cell, label };
  }
}

/** Marks a cell that was not scored or has no known label. */
const NO_OUTCOME = 255;

/**
 * The outcome of each cell: uint8 [rows, columns], an index into OUTCOMES, or 255 if the cell was not scored or has no
 * known label.
 */
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
