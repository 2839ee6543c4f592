/** The order of patches as it is with the corrections of this tab, without asking the server again. */
import { marksByte, type PatchOrder, patchMarks } from "../../../api/patch_order.ts";
import type { PatchState } from "../../corrections/waiting.ts";

/** The order with the labels that people gave. It keeps its records, so what is drawn of them stays. */
export function correctedOrder(order: PatchOrder, patches: ReadonlyMap<number, PatchState>): PatchOrder {
  let marks: Uint8Array | undefined;
  for (const [position, record] of order.records.entries()) {
    const before = patchMarks(order.marks[position]!);
    const corrected = patches.get(record)?.label ?? null;
    if (corrected === before.corrected) continue;
    marks ??= order.marks.slice();
    marks[position] = marksByte({ ...before, corrected });
  }
  return marks ? { ...order, marks } : order;
}
