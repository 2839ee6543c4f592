/** The sentence about tiles that are missing from a slide's file, for the warning and for the page. */
import { counted, whole } from "../../util/numbers.ts";
import type { SlideReport } from "./report.ts";

const are = (count: number): string => `${whole(count)} ${count === 1 ? "is" : "are"}`;

/** Two parts of a sentence, the first to follow "the file"; undefined if no tile is missing. */
export function gapsText(
  { in_level, filled, absent }: SlideReport["slide"]["tiles"],
  level: number,
): { readonly what: string; readonly instead: string } | undefined {
  if (filled + absent === 0) return undefined;
  return {
    what: `leaves out ${whole(filled + absent)} of the ${counted(in_level, "tile")} of level ${level}`,
    instead: `${are(filled)} filled from a finer level, and ${are(absent)} white, as no level has them`,
  };
}
