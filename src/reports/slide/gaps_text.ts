/** What is said of the tiles that a slide's file leaves out, in the warning and on the page. */
import { counted, whole } from "../../util/numbers.ts";
import type { SlideReport } from "./report.ts";

const are = (count: number): string => `${whole(count)} ${count === 1 ? "is" : "are"}`;

/** Two parts of a sentence, the first to follow "the file"; undefined if the file leaves out none. */
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
