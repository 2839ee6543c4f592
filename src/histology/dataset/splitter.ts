/** What a way to split a dataset is. */
import type { DatasetDescription } from "./description.ts";
import type { Candidate } from "./parse_path.ts";
import type { Rejection } from "./rejection.ts";
import type { Split, SplitShares } from "./split_names.ts";

/** A way to split: first it leaves out what it has no place for, then it gives each patch that decoded its split. */
export interface Splitter {
  /** The shares aimed at; undefined if lists or folders decide. */
  shares: SplitShares | undefined;
  /** Whether the user gave shares: then no split may stay empty. */
  sharesGiven: boolean;
  description: DatasetDescription["split"];
  /** Takes the candidates that have a place; adds the others to the rejections. Warnings are whole sentences. */
  select(candidates: readonly Candidate[], rejections: Rejection[], warn: (sentence: string) => void): Candidate[];
  assign(candidates: readonly Candidate[]): Split[];
}
