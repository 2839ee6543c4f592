/** The corrections of a dataset's patches that are in effect, as the grid shows them. */
import type { CorrectedPatch } from "../datasets/corrections.ts";
import type { OpenDataset } from "../datasets/open_datasets.ts";
import type { Journals } from "./journals.ts";
import { recordsById, replayed } from "./states.ts";

/** The patches with a label or a note, by record. */
export async function correctedPatches(
  open: OpenDataset,
  journals: Journals,
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
