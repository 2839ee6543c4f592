/** Known labels of a slide's patches, matched with what was scored: the metrics of "evaluate", and which patches were hit or missed. */
import { basename, extname } from "node:path";
import { cornerOf } from "../../histology/slide/patches.ts";
import { confusionAt } from "../../metrics/counting.ts";
import { computeMetrics } from "../../metrics/table.ts";
import type { Agreement } from "../../reports/slide/agreement.ts";
import { csvRows } from "../../system/csv_stream.ts";
import { UserError } from "../../util/errors.ts";
import { wholeNumber, withoutDecimals } from "../../util/foreign_table.ts";
import { LabelTable, MOST_PLACES } from "./label_table.ts";
import type { SlideScores } from "./score.ts";

/** Columns of a dataset's manifest: x and y are the patch's left and upper edge in model pixels, counted from 1. */
const COLUMNS = {
  case: ["case_id", "slide", "slide_id", "patient", "patient_id"],
  x: ["left"],
  y: ["top"],
  class: ["label", "target"],
} as const;

/** Labels by place in model pixels from 0. */
export type Labels = Pick<LabelTable, "get" | "size" | "idc">;

/** What came of labelled patches. */
export const OUTCOMES = ["hit", "miss", "false alarm", "correctly none"] as const;
export type Outcome = (typeof OUTCOMES)[number];

/** The case that a slide shows, by its file's name, unless it is named. */
export const caseOf = (slidePath: string): string => basename(slidePath, extname(slidePath));

/**
/**
 * Reads the labels of one case from a table like a dataset's manifest.csv, also as pandas or Excel save it; only these are kept.
 * @throws UserError if the table lacks a column or the case, a row is damaged, or two rows contradict each other; the signal's
 * reason if it is aborted.
 */
export async function readLabels(path: string, caseId: string, signal?: AbortSignal): Promise<Labels> {
  const labels = new LabelTable();
  const wanted = withoutDecimals(caseId);
  const columns = Object.keys(COLUMNS) as (keyof typeof COLUMNS)[];
  const table = { columns, otherNames: COLUMNS, what: "the labels", ...(signal ? { signal } : {}) };
  for await (const row of csvRows(path, table)) {
    if (row.case !== caseId && withoutDecimals(row.case) !== wanted) continue;
    const [left, top] = [placeOf(row.x), placeOf(row.y)];
    const label = CLASSES[row.class.toLowerCase()] ?? wholeNumber(row.class);
    if (left === undefined || top === undefined || (label !== 0 && label !== 1)) {
      throw new UserError(
        `${path} has a row of case "${caseId}" with x "${row.x}", y "${row.y}" and class "${row.class}": expected whole places from 1 to ${MOST_PLACES}, and 0 or 1.`,
      );
    }
    labels.add(left, top, label);
  }
  if (labels.size === 0) {
    throw new UserError(`${path} has no patches of the case "${caseId}": name the slide's case with --case.`);
  }
  const both = labels.sort();
  if (both === undefined) return labels;
  throw new UserError(
    `${path} gives the patch of case "${caseId}" at x ${both.x + 1}, y ${both.y + 1} both classes: correct the table.`,
  );
}

/** A column of truth values, as pandas and Excel write it. */
const CLASSES: Readonly<Record<string, 0 | 1>> = { false: 0, true: 1 };

/** A place from 0 on, of one that is counted from 1; undefined if it is none. */
function placeOf(text: string): number | undefined {
  const value = wholeNumber(text);
  return value !== undefined && value >= 1 && value <= MOST_PLACES ? value - 1 : undefined;
}

/** The label of each scored cell, in their order; undefined where it is not known. */
export function labelsOf({ grid, cells }: SlideScores, labels: Labels): (0 | 1 | undefined)[] {
  return Array.from(cells, (cell) => {
    const { x, y } = cornerOf(grid, cell);
    return labels.get(x, y);
  });
}

/** @throws UserError where no labelled patch was scored. */
export function agreementOf(scores: SlideScores, labels: Labels, threshold: number): Agreement {
  const known = labelsOf(scores, labels);
  const places = [...known.keys()].filter((place) => known[place] !== undefined);
  if (places.length === 0) {
    throw new UserError(
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

/** What came of each scored cell, in their order; undefined where its label is not known. */
export function outcomesOf(scores: SlideScores, labels: Labels, threshold: number): (Outcome | undefined)[] {
  return labelsOf(scores, labels).map((label, place) => {
    if (label === undefined) return undefined;
    const called = scores.probabilities[place]! >= threshold;
    return label === 1 ? (called ? "hit" : "miss") : called ? "false alarm" : "correctly none";
  });
}
