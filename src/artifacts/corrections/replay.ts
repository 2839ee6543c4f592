/**
 * What the entries of a journal amount to: which of them are in effect, the label and the note of each patch, the
 * labelled cells of slides, and what undo and redo would act on. Pure functions, without files.
 */
import type { Correction, CorrectionLabel, CorrectionOf, LabelledSlide } from "./entries.ts";

/** Who said something, when, and in which entry. */
export interface Signature {
  readonly by: string;
  readonly when: string;
  readonly entry: string;
}

/** The state of a patch. A patch with neither label nor note is absent from a replay. */
export interface CorrectedPatch {
  /** Null if the dataset's own label holds. */
  readonly label: CorrectionLabel | null;
  /** Null if there is no note. */
  readonly note: string | null;
  /** The signature of the label; null if there is no label. */
  readonly labelled: Signature | null;
  /** The signature of the note; null if there is no note. */
  readonly noted: Signature | null;
}

/** The labelled cells of a slide at one scale and side. */
export interface SlideCorrections {
  readonly slide: LabelledSlide;
  /** By "x,y". */
  readonly cells: ReadonlyMap<
    string,
    { readonly x: number; readonly y: number; readonly label: CorrectionLabel } & Signature
  >;
}

export interface Replay {
  /** By patch id. */
  readonly patches: ReadonlyMap<string, CorrectedPatch>;
  /** By `slideKey`. Slides without labelled cells are absent. */
  readonly slides: ReadonlyMap<string, SlideCorrections>;
  /** The blind verdicts by patch id: the first one in effect, because whoever judges again may know the label. */
  readonly blind: ReadonlyMap<string, CorrectionOf<"blind">>;
}

/** The ids of the entries that are not in effect, because an undo that is in effect undoes them. */
export function undoneEntries(entries: readonly Correction[]): Set<string> {
  const undone = new Set<string>();
  // An undo comes after what it undoes. So from the end, whether an entry is in effect is known when it is reached.
  for (const entry of entries.toReversed()) {
    if (entry.kind === "undo" && !undone.has(entry.id)) undone.add(entry.undoes);
  }
  return undone;
}

/** The entries in effect, without the undos. `replay` depends on these only. */
export function standingEntries(entries: readonly Correction[]): Exclude<Correction, { kind: "undo" }>[] {
  const undone = undoneEntries(entries);
  return entries.filter((entry) => isWork(entry) && !undone.has(entry.id)) as Exclude<Correction, { kind: "undo" }>[];
}

/** The state after all entries. The same entries in effect give the same state, whatever was undone. */
export function replay(entries: readonly Correction[]): Replay {
  const patches = new Map<string, CorrectedPatch>();
  const slides = new Map<string, { slide: LabelledSlide; cells: Map<string, CellCorrection> }>();
  const blind = new Map<string, CorrectionOf<"blind">>();
  for (const entry of standingEntries(entries)) {
    if (entry.kind === "set" || entry.kind === "note") correctPatches(patches, entry);
    else if (entry.kind === "slide") correctSlide(slides, entry);
    else if (!blind.has(entry.patch)) blind.set(entry.patch, entry);
  }
  for (const [key, { cells }] of slides) if (cells.size === 0) slides.delete(key);
  return { patches, slides, blind };
}

type CellCorrection = SlideCorrections["cells"] extends ReadonlyMap<string, infer C> ? C : never;

const signatureOf = ({ id, author, time }: Correction): Signature => ({ by: author, when: time, entry: id });

const UNTOUCHED: CorrectedPatch = { label: null, note: null, labelled: null, noted: null };

function correctPatches(patches: Map<string, CorrectedPatch>, entry: CorrectionOf<"set"> | CorrectionOf<"note">): void {
  const signature = signatureOf(entry);
  for (const id of entry.patches) {
    const before = patches.get(id) ?? UNTOUCHED;
    const after =
      entry.kind === "set"
        ? { ...before, label: entry.label, labelled: entry.label === null ? null : signature }
        : { ...before, note: entry.text || null, noted: entry.text === "" ? null : signature };
    if (after.label === null && after.note === null) patches.delete(id);
    else patches.set(id, after);
  }
}

/** Identifies a slide at one scale and side, for one case. */
export function slideKey({ sha256, case: caseId, scale, side }: LabelledSlide): string {
  return JSON.stringify([sha256, caseId, scale, side]);
}

function correctSlide(
  slides: Map<string, { slide: LabelledSlide; cells: Map<string, CellCorrection> }>,
  entry: CorrectionOf<"slide">,
): void {
  const key = slideKey(entry.slide);
  // The last entry knows best where the file is.
  const { cells } = slides.get(key) ?? { cells: new Map<string, CellCorrection>() };
  slides.set(key, { slide: entry.slide, cells });
  for (const [x, y] of entry.cells) {
    if (entry.label === null) cells.delete(`${x},${y}`);
    else cells.set(`${x},${y}`, { x, y, label: entry.label, ...signatureOf(entry) });
  }
}

/**
 * The entry that "undo" acts on: the last one in effect that is not itself an undo; undefined if there is none.
 * @param author if given, only entries of this author are considered
 */
export function lastUndoable(entries: readonly Correction[], author?: string): Correction | undefined {
  const undone = undoneEntries(entries);
  return entries.findLast((entry) => isWork(entry) && !undone.has(entry.id) && isOf(entry, author));
}

/**
 * The undo that "redo" acts on: undoing it puts the entry into effect again. Undefined if there is none, or if the last
 * undo was followed by new work.
 * @param author if given, only entries of this author are considered
 */
export function lastRedoable(entries: readonly Correction[], author?: string): CorrectionOf<"undo"> | undefined {
  const undone = undoneEntries(entries);
  const work = new Set(entries.filter(isWork).map(({ id }) => id));
  const last = entries.findLast(
    (entry) => !undone.has(entry.id) && isOf(entry, author) && (entry.kind !== "undo" || work.has(entry.undoes)),
  );
  return last?.kind === "undo" ? last : undefined;
}

const isWork = (entry: Correction): boolean => entry.kind !== "undo";
const isOf = (entry: Correction, author: string | undefined): boolean =>
  author === undefined || entry.author === author;
