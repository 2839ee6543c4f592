/** Converts speeds to the table, the JSON and the Markdown. Measures nothing and writes no files. */
import { tableLines } from "../src/util/table.ts";
import type { Measurement } from "./interleave.ts";
import { type Noise, noiseText } from "./noise.ts";
import { median, quantile } from "./quantile.ts";

/** One contender in one benchmark. Speeds are patches per second. */
export interface Row {
  readonly work: string;
  readonly program: string;
  readonly own: boolean;
  readonly speed?: { readonly median: number; readonly low: number; readonly high: number };
  /** Our speed (with the settings of `train` and `predict`) divided by this contender's; absent in our own row. */
  readonly ratio?: number;
  /** Our median speed, which the ratio uses. */
  readonly ours?: number;
  /** Why there is no speed. */
  readonly trouble?: string;
}

/** Where and when a benchmark ran. */
export interface Conditions {
  readonly command: string;
  readonly date: string;
  readonly machine: string;
  readonly threads: number;
  readonly patches: string;
  readonly versions: Readonly<Record<string, string>>;
  readonly load: { readonly start: number; readonly end: number };
  /** How noisy the machine was; absent if no turn ran. */
  readonly noise?: Noise | undefined;
}

/** The rows of a benchmark. The first measurement is ours. The others get their ratio to it if they have a speed. */
export function rowsOf(work: string, measurements: readonly (Measurement & { own: boolean })[]): Row[] {
  const first = measurements[0]?.speeds ?? [];
  const ours = first.length > 0 ? median(first) : undefined;
  return measurements.map(({ name, own, speeds, trouble }, index) => {
    const row = { work, program: name, own };
    if (speeds.length === 0) return { ...row, trouble: trouble ?? "no turn was finished" };
    const speed = { median: median(speeds), low: quantile(speeds, 0.25), high: quantile(speeds, 0.75) };
    return { ...row, speed, ...(index > 0 && ours !== undefined ? { ours, ratio: ours / speed.median } : {}) };
  });
}

export const HEADER = ["work", "program", "patches/s", "quartiles", "ours / theirs"];

/** The cells of a row, in the order of HEADER. */
function cellsOf({ work, program, speed, ratio, trouble }: Row): string[] {
  if (speed === undefined) return [work, program, "-", `cannot: ${trouble}`, "-"];
  const { median, low, high } = speed;
  return [work, program, rate(median), `${rate(low)} - ${rate(high)}`, ratio === undefined ? "" : significant(ratio)];
}

const rate = (speed: number) => (speed < 10 ? speed.toFixed(2) : Math.round(speed).toLocaleString("en-US"));
const significant = (ratio: number) => (ratio < 100 ? ratio.toFixed(2) : ratio.toFixed(0));

/** The table as aligned plain text. */
export const toText = (rows: readonly Row[]): string[] => tableLines(HEADER, rows.map(cellsOf));

/** Where and when the benchmark ran: a few lines of plain text that are also valid Markdown. */
export function conditionLines({ date, machine, threads, patches, versions, load, noise }: Conditions): string[] {
  const list = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
  return [
    `${date}, ${machine}, ${threads} threads, load ${load.start.toFixed(2)} at the start and ${load.end.toFixed(2)} at the end.`,
    ...(noise ? [noiseText(noise)] : []),
    `${list.join(", ")}.`,
    `Epochs and prepare work on ${patches}.`,
  ];
}

/** The JSON. It has one row per benchmark and peer with a speed; "unmeasured" lists the rest. */
export function toJson(conditions: Conditions, rows: readonly Row[]): string {
  const peers = rows.filter(({ own }) => !own);
  const measured = peers.flatMap(({ work, program, speed, ratio, ours }) =>
    speed && ratio !== undefined && ours !== undefined
      ? [{ work, ours: rounded(ours), peer: rounded(speed.median), peer_name: program, ratio: rounded(ratio) }]
      : [],
  );
  const unmeasured = rows.flatMap(({ work, program, trouble }) =>
    trouble === undefined ? [] : [{ work, program, reason: trouble }],
  );
  return `${JSON.stringify({ ...conditions, rows: measured, unmeasured }, undefined, 2)}\n`;
}

/** Five significant digits; further digits would differ between repetitions. */
const rounded = (value: number) => Number(value.toPrecision(5));

/** A page with the conditions, the table and the content of each benchmark. */
export function toMarkdown(conditions: Conditions, rows: readonly Row[], notes: readonly string[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
  return [
    "# Results",
    "",
    `Written by \`${conditions.command}\`. The programs of a work take turns in one run on the same cores, so that a busy second hits all alike;`,
    "medians and quartiles of patches a second. The ratios say more than the rates.",
    "",
    ...conditionLines(conditions).map((text) => `- ${text}`),
    "",
    line(HEADER),
    line(["---", "---", "--:", "---", "--:"]),
    ...rows.map((row) => line(cellsOf(row))),
    "",
    "## What each work includes",
    ...notes.map((note) => `- ${note}`),
    "",
  ].join("\n");
}
