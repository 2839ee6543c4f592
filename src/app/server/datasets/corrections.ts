/** Where the grid's corrections come from: a function of the services that gives the corrections of a dataset. */
import type { CorrectedPatch } from "../../../artifacts/corrections/replay.ts";
import type { PatchRow } from "../../../histology/dataset/patch_row.ts";
import type { DatasetItem } from "../../api/items.ts";

/** The corrections in force, by record. */
export type CorrectionsOf = (
  dataset: DatasetItem,
  rows: readonly PatchRow[],
) => Promise<ReadonlyMap<number, CorrectedPatch>>;

/** Nobody has corrected anything. */
export const noCorrections: CorrectionsOf = async () => new Map();
