/** The table of times and memory by size, with the exponents of their growth. Measures nothing. */
import { whole } from "../../src/util/numbers.ts";
import type { Cost } from "./measure.ts";

/** What is known of a row at one size: its cost, or why there is none. */
export type Outcome = Cost | { readonly missing: string };

/** A row of the table: its name, and its outcomes by size, ascending. */
export interface ScaleRow {
  readonly name: string;
  readonly outcomes: ReadonlyMap<number, Outcome>;
}

export type Point = readonly [size: number, value: number];

/**
 * The exponent of growth between the two largest sizes. If there are three sizes or more, the value at the smallest one
 * counts as fixed costs, such as the start of Node, and is subtracted from both. For fixed costs plus a fixed cost per
 * patch, the exponent is exactly 1. Undefined if there are fewer than two sizes, or no growth.
 */
export function exponentAboveStart(points: readonly Point[]): number | undefined {
  const start = points.length >= 3 ? points[0]! : ([0, 0] as const);
  return slope(points.map(([size, value]) => [size - start[0], value - start[1]]));
}

/** The exponent of growth between the two largest sizes; nothing is subtracted. */
export function slope(points: readonly Point[]): number | undefined {
  const [before, last] = points.slice(-2) as [Point?, Point?];
  if (before === undefined || last === undefined || !(before[1] > 0) || !(last[1] > 0)) return undefined;
  return Math.log(last[1] / before[1]) / Math.log(last[0] / before[0]);
}

/** The lines of a Markdown table. */
export function scaleTable(rows: readonly ScaleRow[]): string[] {
  const sizes = [...new Set(rows.flatMap(({ outcomes }) => [...outcomes.keys()]))].sort((a, b) => a - b);
  const header = ["", ...sizes.map(sizeText), "time", "memory", "memory per patch"];
  const body = rows.map(({ name, outcomes }) => {
    const points = (of: (cost: Cost) => number): Point[] =>
      sizes.flatMap((size) => {
        const outcome = outcomes.get(size);
        return outcome && "seconds" in outcome ? [[size, of(outcome)] as const] : [];
      });
    const memory = points(({ megabytes }) => megabytes);
    return [
      name,
      ...sizes.map((size) => cellOf(outcomes.get(size))),
      powerText(exponentAboveStart(points(({ seconds }) => seconds))),
      powerText(slope(memory)),
      perPatch(memory),
    ];
  });
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  return [header, ["---", ...header.slice(1).map(() => "--:")], ...body].map(line);
}

function sizeText(size: number): string {
  const power = Math.log10(size);
  return Number.isInteger(power) ? `10<sup>${power}</sup>` : whole(size);
}

function cellOf(outcome: Outcome | undefined): string {
  if (outcome === undefined) return "";
  return "missing" in outcome
    ? outcome.missing
    : `${timeText(outcome.seconds)}, ${whole(Math.round(outcome.megabytes))} MB`;
}

/** Seconds in the unit that is easiest to read. */
export function timeText(seconds: number): string {
  if (seconds < 100) return `${seconds.toFixed(seconds < 10 ? 1 : 0)} s`;
  return seconds < 6000 ? `${(seconds / 60).toFixed(1)} min` : `${(seconds / 3600).toFixed(1)} h`;
}

const powerText = (exponent: number | undefined): string =>
  exponent === undefined ? "" : `n<sup>${exponent.toFixed(2)}</sup>`;

/** The memory that each further patch takes, between the two largest sizes. */
function perPatch(memory: readonly Point[]): string {
  const [before, last] = memory.slice(-2) as [Point?, Point?];
  if (before === undefined || last === undefined) return "";
  return `${(((last[1] - before[1]) * 1e6) / (last[0] - before[0]) / 1000).toFixed(2)} kB`;
}
