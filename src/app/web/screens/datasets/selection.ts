/**
 * Which cell of the grid is current, and which patches are picked. Picked patches are kept by record, so they stay
 * picked in another order.
 */

export interface GridSelection {
  /** A position in the order. */
  readonly current: number;
  /** Where a range with Shift starts. */
  readonly anchor: number;
  /** Records. */
  readonly picked: ReadonlySet<number>;
  /** The records that were picked before the current range. */
  readonly before: ReadonlySet<number>;
}

const NOTHING: ReadonlySet<number> = new Set();

export const NOTHING_PICKED: GridSelection = { current: 0, anchor: 0, picked: NOTHING, before: NOTHING };

/** Another cell is current; what is picked stays. */
export function movedTo({ picked }: GridSelection, current: number): GridSelection {
  return { current, anchor: current, picked, before: picked };
}

/** Another cell is current, and everything from the anchor to it is picked. */
export function extendedTo({ anchor, before }: GridSelection, current: number, records: Uint32Array): GridSelection {
  const range = records.subarray(Math.min(anchor, current), Math.max(anchor, current) + 1);
  return { current, anchor, before, picked: new Set([...before, ...range]) };
}

/** The patch at a position is picked, or not any more. */
export function toggledAt({ picked }: GridSelection, current: number, records: Uint32Array): GridSelection {
  const record = records[current]!;
  const next = new Set(picked);
  if (!next.delete(record)) next.add(record);
  return { current, anchor: current, picked: next, before: next };
}

/** Nothing is picked. */
export function unpicked({ current }: GridSelection): GridSelection {
  return { current, anchor: current, picked: NOTHING, before: NOTHING };
}

/** The records that a label key is for: the picked ones, or else the current one. */
export function chosenRecords({ current, picked }: GridSelection, records: Uint32Array): readonly number[] {
  if (picked.size > 0) return [...picked];
  return current < records.length ? [records[current]!] : [];
}
