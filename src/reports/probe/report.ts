/** The result of the command "probe". */
import type { EvaluationResult } from "../evaluation/report.ts";

export interface ProbeResult extends EvaluationResult {
  readonly probe: {
    /** The path of probe.json. */
    readonly file: string;
    /** The number of features that the probe uses. */
    readonly features: number;
    /** The chosen L2 penalty. */
    readonly penalty: number;
    /** Each tested penalty, from strong to weak, with its AUROC on the validation split. */
    readonly tried: readonly { readonly penalty: number; readonly val_auroc: number }[];
  };
}
