/** The agreement of a scored slide with known labels. */
import type { MetricName } from "../../metrics/table.ts";
import type { Confusion } from "../../metrics/tally.ts";

export interface Agreement {
  readonly labelled: number;
  /** The number of labelled patches that were scored. */
  readonly matched: number;
  /**
   * Patches labelled as positive that were not scored: they have too little tissue, or lie between the positions of the
   * grid.
   */
  readonly unscored_idc: number;
  readonly unscored: number;
  readonly confusion: Confusion;
  readonly metrics: Readonly<Record<MetricName, number | null>>;
}
