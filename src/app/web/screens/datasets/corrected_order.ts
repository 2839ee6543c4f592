/** The order of patches as it is with the corrections of this tab, without asking the server again. */
import { marksNumber, type PatchOrder, patchMarks } from "../../../api/patch_order.ts";
import type { PatchState } from "../../corrections/waiting.ts";

/** The order with what people said. It keeps its records, so what is drawn of them stays. */
export function correctedOrder(order: PatchOrder, patches: ReadonlyMap<number, PatchState>): PatchOrder {
  let marks: Uint16Array | undefined;
  for (const [position, record] of order.records.entries()) {
    const before = patchMarks(order.marks[position]!);
    const state = patches.get(record);
    const [correction, hasNote] = [state?.label ?? null, (state?.note ?? "") !== ""];
    if (correction === before.correction && hasNote === before.hasNote) continue;
    marks ??= order.marks.slice();
    marks[position] = marksNumber({ ...before, correction, hasNote });
  }
  return marks ? { ...order, marks } : order;
}
