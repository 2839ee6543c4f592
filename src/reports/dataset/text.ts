/**
 * The output of the command "prepare": the summary of a dataset, its warnings, and the error if no patch was accepted.
 */
import { classNamesOf, type DatasetDescription } from "../../histology/dataset/description.ts";
import type { PatchRow } from "../../histology/dataset/patch_row.ts";
import { RECORD_SIDES, RECORD_SIZE_PIXELS } from "../../histology/dataset/record.ts";
import { REJECTION_KINDS, type Rejection, type RejectionKind } from "../../histology/dataset/rejection.ts";
import { emptySplits, SPLITS } from "../../histology/dataset/split_names.ts";
import { UserError } from "../../util/errors.ts";
import { counted, whole } from "../../util/numbers.ts";
import { tableLines } from "../../util/table.ts";
import { visible } from "../../util/terminal_text.ts";
import type { PrepareResult } from "./report.ts";

/** What was found in a source. */
interface Found {
  readonly place: string;
  readonly paths: readonly string[];
  readonly leftOut: readonly Rejection[];
}

export function nothingAccepted(source: Found, rejections: readonly Rejection[]): UserError {
  const first = rejections[0];
  const example = first ? ` (for example ${first.path}: ${first.reason})` : "";
  return new UserError(
    "source-empty",
    `${source.place} has no patch to accept among its ${counted(source.paths.length + source.leftOut.length, "file")}${example}: expected pictures named ` +
      "<case>/<0|1>/<case>_idx5_x<X>_y<Y>_class<0|1>.png, or in folders of two classes, <case>/<class> or <class>/<case>.",
  );
}

/** Warnings about a dataset that a user may not expect, one full sentence each. */
export function warningsOf(rows: readonly PatchRow[], side: number): string[] {
  const empty = emptySplits(rows.map(({ split }) => split));
  const missing =
    empty.length === 0
      ? []
      : [`No patch is in ${empty.join(" or ")}: the source has too few cases, or the lists or folders name none.`];
  const other = commonSide(rows);
  if (other === undefined || other === side) return missing;
  const [patches] = rows.length === 1 ? ["The picture is"] : [`Most of the ${counted(rows.length, "picture")} are`];
  return [
    ...missing,
    `${patches} ${other} x ${other} pixels and ${rows.length === 1 ? "was" : "were"} resized to ${side} x ${side}: --side ${other} keeps their pixels.`,
  ];
}

/**
 * The side in pixels of the square that more than half of the pictures have; undefined if there is none, or if it is
 * outside the limits of a record.
 */
function commonSide(rows: readonly PatchRow[]): number | undefined {
  const sides = Map.groupBy(rows, ({ width, height }) => (width === height ? width : 0));
  const [side, own] = [...sides].sort(([, a], [, b]) => b.length - a.length)[0] ?? [];
  const can = side !== undefined && side >= RECORD_SIDES.least && side <= RECORD_SIDES.most;
  return can && 2 * own!.length > rows.length ? side : undefined;
}

/** The result of the command "prepare". */
export function prepareLines({
  folder,
  rejected_list,
  wanted_shares: wanted,
  description: all,
}: PrepareResult): string[] {
  const { counts, rejected, ...description } = all;
  const total = (what: "cases" | "patches") => SPLITS.reduce((sum, split) => sum + counts[split][what], 0);
  const percent = (part: number, all: number) => (all === 0 ? "-" : `${((100 * part) / all).toFixed(1)} %`);
  const rows = SPLITS.map((split) => {
    const { cases, patches, idc } = counts[split];
    const row = [split, cases, patches, percent(idc, patches), percent(cases, total("cases"))];
    return [...row, percent(patches, total("patches")), ...(wanted ? [percent(wanted[split], 1)] : [])];
  });
  const positive = visible(classNamesOf(description)[1]);
  const columns = [
    "split",
    "cases",
    "patches",
    positive,
    "of all cases",
    "of all patches",
    ...(wanted ? ["wanted"] : []),
  ];
  return [
    ...tableLines(columns, rows),
    "",
    ...madeOf(description),
    ...leftOut(rejected, rejected_list),
    `The dataset is in ${folder}.`,
  ];
}

/**
 * Lines for what differs from the defaults: other class names, another record size, the split of the source's folders.
 */
function madeOf({ classes, record, split }: Pick<DatasetDescription, "classes" | "record" | "split">): string[] {
  const lines: string[] = [];
  if (classes) lines.push(`Class 0 is ${visible(classes[0])}, class 1, the positive one, is ${visible(classes[1])}.`);
  if (record.width !== RECORD_SIZE_PIXELS) lines.push(`A patch has ${record.width} x ${record.width} pixels.`);
  if (split.method !== "folders") return lines;
  const { validation } = split;
  const drawn =
    validation === undefined ? "" : `; ${Number((100 * validation).toPrecision(6))} % of its training part became val`;
  return [...lines, `The split is that of the source's folders${drawn}. --split case draws another.`];
}

function leftOut(rejected: DatasetDescription["rejected"], listed: string): string[] {
  const reasons = Object.entries(rejected);
  if (reasons.length === 0) return [];
  const files = reasons.reduce((sum, [, count]) => sum + count, 0);
  return [
    `Left out ${counted(files, "file")}, listed in ${listed}:`,
    ...reasons.map(([kind, count]) => `  ${whole(count)}  ${REJECTION_KINDS[kind as RejectionKind]}`),
  ];
}
