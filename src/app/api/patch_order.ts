/**
 * The binary answer of GET /api/datasets/:id/order: which patches, in which order, with what the grid shows of each.
 * Little-endian: the number of patches n, the number of patches in the dataset (uint32 each), then the record indices
 * (uint32 [n]), the probabilities (float32 [n], NaN where there is none), the case indices (uint32 [n]) and the marks
 * (uint16 [n]).
 */
import type { CorrectionLabel } from "../../artifacts/corrections/entries.ts";
import { SPLITS, type Split } from "../../histology/dataset/split_names.ts";

export interface PatchOrder {
  /** The number of patches in the dataset. */
  readonly total: number;
  readonly records: Uint32Array;
  readonly probabilities: Float32Array;
  /** Indices of `DatasetFacts.cases`. */
  readonly cases: Uint32Array;
  /** See `patchMarks`. */
  readonly marks: Uint16Array;
}

/** What the marks of a patch say. */
export interface PatchMarks {
  readonly label: 0 | 1;
  readonly split: Split;
  /** The chosen model's call differs from the label. */
  readonly isWrong: boolean;
  /** The label is suspected to be wrong; only in the order of suspected label errors. */
  readonly isSuspected: boolean;
  /** The label that a person gave instead; null if nobody did. */
  readonly correction: CorrectionLabel | null;
  readonly hasNote: boolean;
}

/** Corrections by the number in the marks. */
const CORRECTIONS: readonly (CorrectionLabel | null)[] = [null, "positive", "negative", "exclude", "unsure"];

/** The places of the bits. */
const BITS = { label: 0, split: 1, isWrong: 3, isSuspected: 4, correction: 5, hasNote: 8 } as const;
const HEAD_BYTES = 8;

export function marksNumber({ label, split, isWrong, isSuspected, correction, hasNote }: PatchMarks): number {
  return (
    (label << BITS.label) |
    (SPLITS.indexOf(split) << BITS.split) |
    (Number(isWrong) << BITS.isWrong) |
    (Number(isSuspected) << BITS.isSuspected) |
    (CORRECTIONS.indexOf(correction) << BITS.correction) |
    (Number(hasNote) << BITS.hasNote)
  );
}

export function patchMarks(marks: number): PatchMarks {
  const bits = (place: number, mask: number) => (marks >> place) & mask;
  return {
    label: bits(BITS.label, 1) === 1 ? 1 : 0,
    split: SPLITS[bits(BITS.split, 3)]!,
    isWrong: bits(BITS.isWrong, 1) === 1,
    isSuspected: bits(BITS.isSuspected, 1) === 1,
    correction: CORRECTIONS[bits(BITS.correction, 7)]!,
    hasNote: bits(BITS.hasNote, 1) === 1,
  };
}

export function encodeOrder({ total, records, probabilities, cases, marks }: PatchOrder): Uint8Array<ArrayBuffer> {
  const count = records.length;
  const bytes = new Uint8Array(HEAD_BYTES + 14 * count);
  new Uint32Array(bytes.buffer, 0, 2).set([count, total]);
  new Uint32Array(bytes.buffer, HEAD_BYTES, count).set(records);
  new Float32Array(bytes.buffer, HEAD_BYTES + 4 * count, count).set(probabilities);
  new Uint32Array(bytes.buffer, HEAD_BYTES + 8 * count, count).set(cases);
  new Uint16Array(bytes.buffer, HEAD_BYTES + 12 * count, count).set(marks);
  return bytes;
}

/** The order in the bytes, without copying them. */
export function decodeOrder(bytes: ArrayBuffer): PatchOrder {
  const [count, total] = new Uint32Array(bytes, 0, 2) as unknown as [number, number];
  return {
    total,
    records: new Uint32Array(bytes, HEAD_BYTES, count),
    probabilities: new Float32Array(bytes, HEAD_BYTES + 4 * count, count),
    cases: new Uint32Array(bytes, HEAD_BYTES + 8 * count, count),
    marks: new Uint16Array(bytes, HEAD_BYTES + 12 * count, count),
  };
}
