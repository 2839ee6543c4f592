/** What a person said of a patch, as the grid and an open patch show it. */
import type { CorrectionLabel } from "../../../artifacts/corrections/entries.ts";

export interface CorrectedPatch {
  /** Null if only a note was written. */
  readonly label: CorrectionLabel | null;
  /** "" if there is none. */
  readonly note: string;
}
