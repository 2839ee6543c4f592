/** The corrections of a dataset's patches that are in effect, as the grid shows them. */
import type { Correction } from "../../../artifacts/corrections/entries.ts";
import type { CorrectedPatch } from "../../../artifacts/corrections/replay.ts";
import type { PatchRow } from "../../../histology/dataset/patch_row.ts";
import type { CorrectionsOf } from "../datasets/corrections.ts";
import type { Journals } from "./journals.ts";
import { replayed } from "./states.ts";

interface Known {
  readonly entries: readonly Correction[];
  readonly corrections: ReadonlyMap<number, CorrectedPatch>;
}

/** The corrections by record, as the journals have them. */
export function correctionsIn(journals: Journals): CorrectionsOf {
  const known = new WeakMap<readonly PatchRow[], Known>();
  return async (item, rows) => {
    const entries = await journals.entries(item);
    const before = known.get(rows);
    if (before?.entries === entries) return before.corrections;
    const corrections = new Map<number, CorrectedPatch>();
    const { patches } = replayed(entries);
    if (patches.size > 0) {
      for (const [record, { id }] of rows.entries()) {
        const correction = patches.get(id);
        if (correction) corrections.set(record, correction);
      }
    }
    known.set(rows, { entries, corrections });
    return corrections;
  };
}
