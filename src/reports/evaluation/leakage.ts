/** Types for the overlap between the evaluated split and the other splits of its dataset. */
import type { Split } from "../../histology/dataset/split_names.ts";

/** The overlap of the evaluated split with one other split. */
export interface Overlap {
  readonly split: Split;
  /** The number of cases in both splits; null if the dataset has no case names. */
  readonly shared_cases: number | null;
  /** The number of patches of the evaluated split whose pixels are identical to those of a patch in the other split. */
  readonly shared_patches: number;
}

export type Leakage =
  | { readonly checked: true; readonly overlaps: readonly Overlap[]; readonly found: boolean }
  | { readonly checked: false; readonly reason: string };
