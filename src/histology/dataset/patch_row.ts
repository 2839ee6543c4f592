/** A patch of a dataset, as its manifest lists it. */
import type { Split } from "./split_names.ts";

/** A patch of a dataset. */
export interface PatchRow {
  id: string;
  /** Empty if the source names no cases. */
  caseId: string;
  /** Left and upper edge in slide pixels as the file's name states them; undefined if it does not. */
  x: number | undefined;
  y: number | undefined;
  /** 1 is IDC. */
  label: 0 | 1;
  split: Split;
  /** The picture's size in pixels before it became a record. */
  width: number;
  height: number;
  /** The file's path below the source's root. */
  source: string;
}
