/** A dataset's facts and drafts of entries for the tests of the journal of corrections. */
import { createHash } from "node:crypto";
import type {
  Correction,
  CorrectionDraft,
  CorrectionLabel,
  LabelledSlide,
} from "../../../src/artifacts/corrections/entries.ts";

export const DATASET = { name: "dataset", manifest_sha256: "ab".repeat(32), patches: 100 };

export const SLIDE: LabelledSlide = {
  file: "../slides/one.png",
  sha256: "cd".repeat(32),
  case: "77",
  scale: 1,
  side: 50,
};

/** A UUID that depends on the number only. */
export function uuid(number: number): string {
  const hex = createHash("sha256").update(String(number)).digest("hex");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

const signed = (number: number, author = "ann") => ({ id: uuid(number), author });

export const set = (number: number, patches: string[], label: CorrectionLabel | null, author?: string) =>
  ({ kind: "set", ...signed(number, author), patches, label }) satisfies CorrectionDraft;
export const note = (number: number, patches: string[], text: string) =>
  ({ kind: "note", ...signed(number), patches, text }) satisfies CorrectionDraft;
export const undo = (number: number, undone: number, author?: string) =>
  ({ kind: "undo", ...signed(number, author), undoes: uuid(undone) }) satisfies CorrectionDraft;
export const cells = (number: number, corners: [number, number][], label: CorrectionLabel | null, slide = SLIDE) =>
  ({ kind: "slide", ...signed(number), slide, cells: corners, label }) satisfies CorrectionDraft;
export const blind = (number: number, patch: string, label: CorrectionLabel) =>
  ({ kind: "blind", ...signed(number), patch, label, queue: { seed: 1, place: number } }) satisfies CorrectionDraft;

/** The drafts as entries, a second apart. */
export const timed = (drafts: readonly CorrectionDraft[]): Correction[] =>
  drafts.map((draft, index) => ({ ...draft, time: new Date(Date.UTC(2026, 0, 1, 0, 0, index)).toISOString() }));
