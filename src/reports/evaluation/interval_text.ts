/** Sentences about intervals and the sizes of cases, with the same wording in every report. */
import type { CaseSizes } from "../../metrics/clusters.ts";
import { LEVEL } from "../../metrics/intervals.ts";
import { counted } from "../../util/numbers.ts";
import { percent } from "../html/elements.ts";
import type { Intervals } from "./report.ts";

export function intervalsOver(cases: number): Intervals {
  return { level: LEVEL, unit: cases > 0 ? "cases" : "patches" };
}

const NUMBERS = ["", "largest holds", "two largest hold", "three largest hold"];

/** "49 cases, effectively 6.6; the three largest hold 62.9 % of the patches". */
export function caseSizesText(cases: number, { effective, largest, largest_share }: CaseSizes): string {
  return `${counted(cases, "case")}, effectively ${effective.toFixed(1)}; the ${NUMBERS[largest]} ${percent(largest_share)} of the patches`;
}

/** Explains how the intervals are computed, in two sentences. */
export function intervalsMade({ unit }: Intervals): string {
  return unit === "cases"
    ? "A 95 % interval is made from how much the metric differs from case to case, pooled over large and small cases (Pan 2001), with Student's t for the number of cases that this rests on (Satterthwaite 1946). It assumes that large cases differ among themselves as much as small ones do."
    : "A 95 % interval is made from how much single patches differ, as the dataset names no cases. It is too narrow if several patches are of one patient.";
}

/** What the intervals account for, and what they do not. */
export const INTERVALS_COVER =
  "The intervals cover the choice of cases from this source; they do not cover another training, another hospital or another scanner.";
