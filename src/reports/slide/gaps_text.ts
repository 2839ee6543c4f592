/** The sentence about tiles that are missing from a slide's file, for the warning and for the page. */
import type { Slide } from "../../histology/slide/slide.ts";
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

/** The warning of a slide with missing tiles, because tissue may be missing there without any other sign. */
export function gapsWarning(path: string, slide: Pick<Slide, "gapsOf">, level: number): string | undefined {
  const { tiles, ...gaps } = slide.gapsOf(level);
  const text = gapsText({ in_level: tiles, ...gaps }, level);
  return text && `${path} ${text.what}, which is read: ${text.instead}.`;
}
