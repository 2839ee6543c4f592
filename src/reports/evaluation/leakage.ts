/** What an evaluated split has in common with the other splits of its dataset. */
import type { Split } from "../../histology/dataset/split_names.ts";

/** What the evaluated split has in common with another one. */
export interface Overlap {
  readonly split: Split;
  /** The cases that are in both; null if the dataset names no cases. */
  readonly shared_cases: number | null;
  /** Patches of the evaluated split whose very pixels are in the other one too. */
  readonly shared_patches: number;
}

export type Leakage =
  | { readonly checked: true; readonly overlaps: readonly Overlap[]; readonly found: boolean }
  | { readonly checked: false; readonly reason: string };
