/** What the verb "probe" gives. */
import type { EvaluationResult } from "../evaluation/report.ts";

export interface ProbeResult extends EvaluationResult {
  readonly probe: {
    /** probe.json. */
    readonly file: string;
    /** How many features it weighs. */
    readonly features: number;
    /** The L2 penalty that was taken. */
    readonly penalty: number;
    /** Each penalty that was tried, from strong to weak, and what val says of it. */
    readonly tried: readonly { readonly penalty: number; readonly val_auroc: number }[];
  };
}
