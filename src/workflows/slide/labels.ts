/** Known labels of a slide's patches, matched with what was scored: the metrics of "evaluate", and which patches were hit or missed. */
import { basename, extname } from "node:path";
import type { Labels } from "../../artifacts/slide_labels.ts";
import { cornerOf } from "../../histology/slide/patches.ts";
import { computeMetrics } from "../../metrics/table.ts";
import { confusionAt } from "../../metrics/tally.ts";
import type { Agreement } from "../../reports/slide/agreement.ts";
import type { SlideScores } from "../../reports/slide/scores.ts";
import { UserError } from "../../util/errors.ts";

/** What came of labelled patches. */
export const OUTCOMES = ["true positive", "false negative", "false positive", "true negative"] as const;
export type Outcome = (typeof OUTCOMES)[number];

/** The case that a slide shows, by its file's name, unless it is named. */
export const caseOf = (slidePath: string): string => basename(slidePath, extname(slidePath));

/**

/** The label of each scored cell, in their order; undefined if it is not known. */
export function labelsOf({ grid, cells }: SlideScores, labels: Labels): (0 | 1 | undefined)[] {
  return Array.from(cells, (cell) => {
    const { x, y } = cornerOf(grid, cell);
    return labels.get(x, y);
  });
}

/** @throws UserError if no labelled patch was scored. */
export function agreementOf(scores: SlideScores, labels: Labels, threshold: number): Agreement {
  const known = labelsOf(scores, labels);
  const places = [...known.keys()].filter((place) => known[place] !== undefined);
  if (places.length === 0) {
    throw new UserError(
      "labels-missing",
      `No labelled patch is one of the grid's: labels need a stride that divides ${scores.grid.side}, and the slide at the scale of the labels.`,
    );
  }
  const matched = places.map((place) => known[place]!);
  const probabilities = places.map((place) => scores.probabilities[place]!);
  const idc = (list: Iterable<0 | 1>) => [...list].reduce<number>((sum, label) => sum + label, 0);
  const metrics = Object.entries(computeMetrics(matched, probabilities, threshold));
  return {
    labelled: labels.size,
    matched: matched.length,
    unscored: labels.size - matched.length,
    unscored_idc: labels.idc - idc(matched),
    confusion: confusionAt(matched, probabilities, threshold),
    metrics: Object.fromEntries(metrics.map(([name, { value }]) => [name, value])) as Agreement["metrics"],
  };
}

/** What came of each scored cell, in their order; undefined if its label is not known. */
export function outcomesOf(scores: SlideScores, labels: Labels, threshold: number): (Outcome | undefined)[] {
  return labelsOf(scores, labels).map((label, place) => {
    if (label === undefined) return undefined;
    const called = scores.probabilities[place]! >= threshold;
    return label === 1 ? (called ? "true positive" : "false negative") : called ? "false positive" : "true negative";
  });
}
