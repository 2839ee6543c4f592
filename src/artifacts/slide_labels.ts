/** Reads known labels of a slide's patches from a table. */
import { csvRows } from "../system/csv_stream.ts";
import { UserError } from "../util/errors.ts";
import { wholeNumber, withoutDecimals } from "../util/foreign_table.ts";
import { LabelTable, MOST_PLACES } from "./label_table.ts";

/**
 * The columns of a dataset's manifest, with other accepted names. x and y are the left and upper edge of the patch in
 * model pixels, counted from 1.
 */
const COLUMNS = {
  case: ["case_id", "slide", "slide_id", "patient", "patient_id"],
  x: ["left"],
  y: ["top"],
  class: ["label", "target"],
} as const;

/** Labels by position in model pixels, counted from 0. */
export type Labels = Pick<LabelTable, "get" | "size" | "idc">;

/**
 * Reads the labels of one case from a table like a dataset's manifest.csv, also as saved by pandas or Excel. Only this
 * case's labels are kept.
 * @throws UserError if the table lacks a column or the case, a row is damaged, or two rows contradict each other; the
 * signal's reason if it is aborted.
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
        "labels-invalid",
        `${path} has a row of case "${caseId}" with x "${row.x}", y "${row.y}" and class "${row.class}": expected whole places from 1 to ${MOST_PLACES}, and 0 or 1.`,
      );
    }
    labels.add(left, top, label);
  }
  if (labels.size === 0) {
    throw new UserError(
      "labels-missing",
      `${path} has no patches of the case "${caseId}": name the slide's case with --case.`,
    );
  }
  const both = labels.sort();
  if (both === undefined) return labels;
  throw new UserError(
    "labels-invalid",
    `${path} gives the patch of case "${caseId}" at x ${both.x + 1}, y ${both.y + 1} both classes: correct the table.`,
  );
}

/** Boolean values as written by pandas and Excel, in lower case. */
const CLASSES: Readonly<Record<string, 0 | 1>> = { false: 0, true: 1 };

/** A coordinate counted from 0, from text that counts from 1; undefined if the text is not such a number. */
function placeOf(text: string): number | undefined {
  const value = wholeNumber(text);
  return value !== undefined && value >= 1 && value <= MOST_PLACES ? value - 1 : undefined;
}
