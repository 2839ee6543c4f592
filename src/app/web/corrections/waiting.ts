/** What the page shows of the corrections: what is saved, with what waits to be saved over it. */
import type { CorrectionLabel } from "../../../artifacts/corrections/entries.ts";
import type { CorrectionBody, CorrectionSteps, PatchStates } from "../../api/corrections.ts";

/** What a person said of a patch. */
export interface PatchState {
  /** Null if the dataset's own label holds. */
  readonly label: CorrectionLabel | null;
  /** "" if there is none. */
  readonly note: string;
}

/** A correction before it has its id. */
export type NewCorrection = CorrectionBody extends infer Body
  ? Body extends CorrectionBody
    ? Omit<Body, "id">
    : never
  : never;

/** What is saved. */
export interface SavedState extends CorrectionSteps {
  readonly patches: ReadonlyMap<number, PatchState>;
}

const UNTOUCHED: PatchState = { label: null, note: "" };

/** The states with other ones over them. A patch without label and note is absent. */
export function withStates(
  before: ReadonlyMap<number, PatchState>,
  { records, labels, notes }: PatchStates,
): ReadonlyMap<number, PatchState> {
  const after = new Map(before);
  for (const [place, record] of records.entries()) put(after, record, { label: labels[place]!, note: notes[place]! });
  return after;
}

/** The states with the corrections that wait to be saved. What an undo or a verdict does is known only to the server. */
export function withWaiting(
  saved: ReadonlyMap<number, PatchState>,
  waiting: readonly CorrectionBody[],
): ReadonlyMap<number, PatchState> {
  if (waiting.length === 0) return saved;
  const after = new Map(saved);
  for (const body of waiting) {
    if (body.kind !== "set" && body.kind !== "note") continue;
    for (const record of body.records) {
      const before = after.get(record) ?? UNTOUCHED;
      put(
        after,
        record,
        body.kind === "set" ? { ...before, label: body.label } : { ...before, note: body.text.trim() },
      );
    }
  }
  return after;
}

function put(states: Map<number, PatchState>, record: number, state: PatchState): void {
  if (state.label === null && state.note === "") states.delete(record);
  else states.set(record, state);
}
