/** Where the grid's corrections come from: a function of the services that gives the corrected labels of a dataset. */
import type { PatchRow } from "../../../histology/dataset/patch_row.ts";
import type { DatasetItem } from "../../api/items.ts";

/** What a person said of a patch. */
export interface PatchCorrection {
  /** Null if the patch is to be excluded. */
  readonly label: 0 | 1 | null;
}

/** The corrections in force, by record. */
export type CorrectionsOf = (
  dataset: DatasetItem,
  rows: readonly PatchRow[],
) => Promise<ReadonlyMap<number, PatchCorrection>>;

/** Nobody has corrected anything. */
export const noCorrections: CorrectionsOf = async () => new Map();
