/** The corrections of a dataset's patches that are in effect, as the grid and an open patch show them. */
import type { CorrectionLabel } from "../../../artifacts/corrections/entries.ts";
import { recordsById, replayed } from "../corrections/states.ts";
import type { Services } from "../services.ts";
import type { OpenDataset } from "./open_datasets.ts";

/** What a person said of a patch. */
export interface CorrectedPatch {
  /** Null if only a note was written. */
  readonly label: CorrectionLabel | null;
  /** "" if there is none. */
  readonly note: string;
}

/** The patches with a label or a note, by record. */
export async function correctedPatches(
  open: OpenDataset,
  { journals }: Pick<Services, "journals">,
): Promise<ReadonlyMap<number, CorrectedPatch>> {
  const entries = await journals.entries(open.item);
  return open.once("corrections", `${entries.length} ${entries.at(-1)?.id}`, async () => {
    const records = await recordsById(open);
    const found = new Map<number, CorrectedPatch>();
    for (const [id, { label, note }] of replayed(entries).patches) {
      const record = records.get(id);
      if (record !== undefined) found.set(record, { label, note: note ?? "" });
    }
    return found;
  });
}
