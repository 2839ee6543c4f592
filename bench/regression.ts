/** Compares a run with the table of an earlier one, by our speed relative to the best peer of each work. */
import type { Row } from "./summary.ts";

/** A ratio that fell by more than this share of itself counts as fallen: runs on one machine differ by about as much. */
const TOLERANCE = 0.1;

/** Per work, our speed divided by that of its best peer. */
export type BestRatios = ReadonlyMap<string, number>;

export function bestRatios(rows: readonly Pick<Row, "work" | "own" | "ratio">[]): BestRatios {
  const best = new Map<string, number>();
  for (const { work, own, ratio } of rows) {
    if (!own && ratio !== undefined) best.set(work, Math.min(ratio, best.get(work) ?? Number.POSITIVE_INFINITY));
  }
  return best;
}

/** Reads the ratios of the table that toMarkdown writes. Our own programs are named cancernet. */
export function ratiosIn(markdown: string): BestRatios {
  const rows = markdown
    .split("\n")
    .filter((line) => line.startsWith("| "))
    .map((line) => line.split(/(?<!\\)\|/).map((cell) => cell.trim()))
    .flatMap(([, work, program, , , ratio]) => {
      const value = Number(ratio?.replaceAll(",", ""));
      return work && program && ratio && Number.isFinite(value)
        ? [{ work, own: program.startsWith("cancernet"), ratio: value }]
        : [];
    });
  return bestRatios(rows);
}

/** A work whose ratio fell. */
export interface Fall {
  readonly work: string;
  readonly before: number;
  readonly now: number;
}

/** The works in both whose ratio fell by more than a tenth, and the number of works in both. */
export function fallsSince(before: BestRatios, now: BestRatios): { readonly compared: number; readonly falls: Fall[] } {
  const both = [...now].filter(([work]) => before.has(work));
  const falls = both
    .map(([work, ratio]) => ({ work, before: before.get(work)!, now: ratio }))
    .filter((one) => one.now < one.before * (1 - TOLERANCE));
  return { compared: both.length, falls };
}

/** What fell, in lines of text. @param place the file with the earlier table */
export function regressionLines({ compared, falls }: ReturnType<typeof fallsSince>, place: string): string[] {
  if (compared === 0) return [`No work of this run has a peer both here and in ${place}: nothing was compared.`];
  if (falls.length === 0)
    return [`Compared with ${place}: none of the ${compared} ratios to the best peer fell by more than 10 %.`];
  return [
    `Compared with ${place}, ${falls.length} of ${compared} ratios to the best peer fell by more than 10 %:`,
    ...falls.map(({ work, before, now }) => `  ${work}: ${before.toFixed(2)} before, ${now.toFixed(2)} now`),
  ];
}
