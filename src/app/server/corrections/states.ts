/** What a dataset's journal says of its records: labels, notes, the history, and what can be undone. */
import type { Correction } from "../../../artifacts/corrections/entries.ts";
import {
  lastRedoable,
  lastUndoable,
  type Replay,
  replay,
  undoneEntries,
} from "../../../artifacts/corrections/replay.ts";
import type { CorrectionSteps, HistoryEntry, PatchStates } from "../../api/corrections.ts";
import type { OpenDataset } from "../datasets/open_datasets.ts";

/** The record of each patch by its id. */
export function recordsById(open: OpenDataset): Promise<ReadonlyMap<string, number>> {
  return open.once("names", "", async () => new Map(open.dataset.rows.map(({ id }, record) => [id, record])));
}

const REPLAYS = new WeakMap<readonly Correction[], Replay>();

/** The replay of these entries, computed once. */
export function replayed(entries: readonly Correction[]): Replay {
  const known = REPLAYS.get(entries) ?? replay(entries);
  REPLAYS.set(entries, known);
  return known;
}

/** The states of the patches with these ids; of all patches that have one without. Other datasets' ids are left out. */
export function statesOf(
  entries: readonly Correction[],
  records: ReadonlyMap<string, number>,
  ids: Iterable<string> = replayed(entries).patches.keys(),
): PatchStates {
  const { patches } = replayed(entries);
  const known = [...ids].filter((id) => records.has(id));
  return {
    records: known.map((id) => records.get(id)!),
    labels: known.map((id) => patches.get(id)?.label ?? null),
    notes: known.map((id) => patches.get(id)?.note ?? ""),
  };
}

/** The ids of the patches that an entry concerns; those of an undo are those of what it undoes. */
export function patchesOf(entry: Correction, entries: readonly Correction[]): readonly string[] {
  const own = workOf(entry, entries);
  if (own.kind === "blind") return [own.patch];
  return own.kind === "set" || own.kind === "note" ? own.patches : [];
}

/** The entry that an undo, or an undo of an undo, is about in the end. */
export function workOf(entry: Correction, entries: readonly Correction[]): Correction {
  if (entry.kind !== "undo") return entry;
  const undone = entries.find(({ id }) => id === entry.undoes);
  return undone ? workOf(undone, entries) : entry;
}

/** The undo of an undo is a redo. */
function stepOf(entry: Correction, entries: readonly Correction[]): HistoryEntry["step"] {
  if (entry.kind !== "undo") return "done";
  const before = entries.find(({ id }) => id === entry.undoes);
  return before !== undefined && stepOf(before, entries) === "undone" ? "redone" : "undone";
}

/** What the author can undo and redo. */
export function stepsOf(
  entries: readonly Correction[],
  records: ReadonlyMap<string, number>,
  author: string,
): CorrectionSteps {
  const [undo, redo] = [lastUndoable(entries, author), lastRedoable(entries, author)];
  const shown = (entry: Correction | undefined) => (entry ? historyEntry(entry, entries, records) : null);
  return { entries: entries.length, undo: shown(undo), redo: shown(redo && workOf(redo, entries)) };
}

/** The entries for people, the newest first. */
export function historyOf(entries: readonly Correction[], records: ReadonlyMap<string, number>): HistoryEntry[] {
  const undone = undoneEntries(entries);
  return entries.map((entry) => historyEntry(entry, entries, records, undone)).reverse();
}

export function historyEntry(
  entry: Correction,
  entries: readonly Correction[],
  records: ReadonlyMap<string, number>,
  undone: ReadonlySet<string> = undoneEntries(entries),
): HistoryEntry {
  const about = patchesOf(entry, entries);
  const work = workOf(entry, entries);
  const first = about.find((id) => records.has(id));
  return {
    id: entry.id,
    kind: work.kind as HistoryEntry["kind"],
    step: stepOf(entry, entries),
    author: entry.author,
    time: entry.time,
    label: "label" in work ? work.label : null,
    text: work.kind === "note" ? work.text : null,
    patches: work.kind === "slide" ? work.cells.length : about.length,
    record: first === undefined ? null : records.get(first)!,
    isInEffect: !undone.has(entry.id),
  };
}
