/** The interface of a method that splits a dataset. */
import type { DatasetDescription } from "./description.ts";
import type { Candidate } from "./parse_path.ts";
import type { Rejection } from "./rejection.ts";
import type { Split, SplitShares } from "./split_names.ts";

/**
 * A split method. `select` leaves out patches that belong to no split. After decoding, `assign` returns the split of
 * each remaining patch.
 */
export interface Splitter {
  /** The target shares; undefined if lists or folders determine the split. */
  shares: SplitShares | undefined;
  /** True if the user gave shares. Then no split may be empty. */
  sharesGiven: boolean;
  description: DatasetDescription["split"];
  /**
   * Returns the candidates that belong to a split, and adds the others to the rejections. Warnings are full sentences.
   */
  select(candidates: readonly Candidate[], rejections: Rejection[], warn: (sentence: string) => void): Candidate[];
  assign(candidates: readonly Candidate[]): Split[];
}
