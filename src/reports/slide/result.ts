/** The result of the command "slide". */
import type { ClassNames } from "../../histology/dataset/class_names.ts";
import type { Numbered } from "../../util/reporter.ts";
import type { SlideReport } from "./report.ts";

/** The name of the summary file for several slides. */
export const SUMMARY_FILE = "slides.csv";

/** The result for one slide: its report, or the reason why it failed. */
export interface SlideOutcome extends Numbered {
  readonly slide: string;
  /** The folder of the slide's output files. */
  readonly folder: string;
  /** Whether an earlier run already scored it with the same settings. */
  readonly was_done: boolean;
  /** The content of slide.json; null if the slide failed. */
  readonly report: SlideReport | null;
  readonly error: string | null;
}

export interface SlideResult {
  readonly folder: string;
  /** The path of slides.csv; null if there is only one slide, and until all shards are gathered. */
  readonly summary: string | null;
  /** Such as "2/10": only the slides of this part of the work are in `outcomes`; null if all are. */
  readonly shard: string | null;
  readonly outcomes: readonly SlideOutcome[];
  /** The folders of slides that are not done yet, because other shards or workers do them. */
  readonly unfinished: readonly string[];
  /** The number of slides in the given folders that could not be processed at all. Each one caused a warning. */
  readonly left_out: number;
  readonly class_names: ClassNames;
  readonly notice: string;
}
