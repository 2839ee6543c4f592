/** What the verb "slide" gives. */
import type { ClassNames } from "../../histology/dataset/class_names.ts";
import type { Numbered } from "../../util/reporter.ts";
import type { SlideReport } from "./report.ts";

/** The summary of several slides. */
export const SUMMARY_FILE = "slides.csv";

/** What became of a slide: its report, or why it has none. */
export interface SlideOutcome extends Numbered {
  readonly slide: string;
  /** The folder of its files. */
  readonly folder: string;
  /** Whether it was scored before, in the same way. */
  readonly was_done: boolean;
  /** slide.json; null if the slide failed. */
  readonly report: SlideReport | null;
  readonly error: string | null;
}

export interface SlideResult {
  readonly folder: string;
  /** slides.csv; null if there is one slide. */
  readonly summary: string | null;
  readonly outcomes: readonly SlideOutcome[];
  /** How many slides of folders could not even be tried; each was warned of. */
  readonly left_out: number;
  readonly class_names: ClassNames;
  readonly notice: string;
}
