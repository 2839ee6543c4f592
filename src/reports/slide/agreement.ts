/** How a scored slide agrees with known labels. */
import type { MetricName } from "../../metrics/table.ts";
import type { Confusion } from "../../metrics/tally.ts";

export interface Agreement {
  readonly labelled: number;
  /** Labelled patches that were scored. */
  readonly matched: number;
  /** Labelled as IDC, but not scored, as too little of them is tissue or they lie between the grid's places. */
  readonly unscored_idc: number;
  readonly unscored: number;
  readonly confusion: Confusion;
  readonly metrics: Readonly<Record<MetricName, number | null>>;
}
