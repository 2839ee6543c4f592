/** Known labels of a slide's patches, matched with what was scored: the metrics of "evaluate", and which patches were hit or missed. */
import { basename, extname } from "node:path";
import { cornerOf } from "../../histology/slide/patches.ts";
import { type Confusion, confusionAt } from "../../metrics/counting.ts";
import { computeMetrics, type MetricName } from "../../metrics/table.ts";
import { csvRows } from "../../util/csv_stream.ts";
import { UserError } from "../../util/errors.ts";
import { LabelTable, MOST_PLACES } from "./label_table.ts";
import type { SlideScores } from "./score.ts";

/** Columns of a dataset's manifest: x and y are the patch's left and upper edge in model pixels, counted from 1. */
const COLUMNS = ["case", "x", "y", "class"] as const;

/** Labels by place in model pixels from 0. */
export type Labels = Pick<LabelTable, "get" | "size" | "idc">;

/** What came of labelled patches. */
export const OUTCOMES = ["hit", "miss", "false alarm", "correctly none"] as const;
export type Outcome = (typeof OUTCOMES)[number];

export interface Agreement {
  readonly labelled: number;
  /** Labelled patches that were scored. */
  readonly matched: number;
  /** Labelled as IDC, but not scored, as too little of them is tissue or they lie between the grid's places. */
  readonly unscored_idc: number;
  readonly unscored: number;
  readonly confusion: Confusion;
  readonly metrics: Readonly<Record<MetricName, number | null>>;
}

/** The case that a slide shows, by its file's name, unless it is named. */
export const caseOf = (slidePath: string): string => basename(slidePath, extname(slidePath));

/**
 * Reads the labels of one case from a table like a dataset's manifest.csv, of which only these are kept.
 * @throws UserError if the table lacks a column or the case, or a row is damaged; the signal's reason if it is aborted.
 */
export async function readLabels(path: string, caseId: string, signal?: AbortSignal): Promise<Labels> {
  const labels = new LabelTable();
  const table = { columns: COLUMNS, what: "the labels", ...(signal ? { signal } : {}) };
  for await (const { case: rowCase, x, y, class: label } of csvRows(path, table)) {
    if (rowCase !== caseId) continue;
    const [left, top] = [Number(x) - 1, Number(y) - 1];
    if (![left, top].every(isPlace) || !/^[01]$/.test(label)) {
      throw new UserError(
        `${path} has a row of case "${caseId}" with x "${x}", y "${y}" and class "${label}": expected whole places from 1 to ${MOST_PLACES}, and 0 or 1.`,
      );
    }
    labels.add(left, top, label === "1" ? 1 : 0);
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

const isPlace = (value: number): boolean => Number.isInteger(value) && value >= 0 && value < MOST_PLACES;

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
      "No labelled patch is one of the grid's: labels need a stride that divides 50, and the slide at the scale of the labels.",
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
