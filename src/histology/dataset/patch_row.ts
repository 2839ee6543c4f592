/** The type of a row of a dataset's manifest. */
import type { Split } from "./split_names.ts";

/** A patch of a dataset. */
export interface PatchRow {
  id: string;
  /** Empty if the source names no cases. */
  caseId: string;
  /** Left and upper edge in slide pixels, from the file name; undefined if the name does not contain them. */
  x: number | undefined;
  y: number | undefined;
  /** 1 is IDC. */
  label: 0 | 1;
  split: Split;
  /** The original size of the picture in pixels. */
  width: number;
  height: number;
  /** The file's path relative to the source's root. */
  source: string;
}
