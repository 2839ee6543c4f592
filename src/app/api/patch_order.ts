/**
 * The binary answer of GET /api/datasets/:id/order: which patches, in which order, with what the grid shows of each.
 * Little-endian: the number of patches n, the number of patches in the dataset (uint32 each), then the record indices
 * (uint32 [n]), the probabilities (float32 [n], NaN where there is none), the case indices (uint32 [n]) and the marks
 * (uint8 [n]).
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
  readonly marks: Uint8Array;
}

/** What the marks of a patch say. */
export interface PatchMarks {
  readonly label: 0 | 1;
  readonly split: Split;
  /** The chosen model's call differs from the label. */
  readonly isWrong: boolean;
  /** The label is suspected to be wrong; only in the order of suspected label errors. */
  readonly isSuspected: boolean;
  /** What a person said of it; null if nobody did. */
  readonly corrected: CorrectionLabel | null;
}

const LABEL = 1;
const SPLIT = 1;
const WRONG = 8;
const CORRECTED = 16;
/** The two bits of the index in `LABELS`. */
const CORRECTION = 5;
const SUSPECTED = 128;
const LABELS: readonly CorrectionLabel[] = ["negative", "positive", "exclude", "unsure"];
const HEAD_BYTES = 8;

export function marksByte({ label, split, isWrong, isSuspected, corrected }: PatchMarks): number {
  return (
    label * LABEL +
    (SPLITS.indexOf(split) << SPLIT) +
    (isWrong ? WRONG : 0) +
    (isSuspected ? SUSPECTED : 0) +
    (corrected === null ? 0 : CORRECTED + (LABELS.indexOf(corrected) << CORRECTION))
  );
}

export function patchMarks(byte: number): PatchMarks {
  return {
    label: byte & LABEL ? 1 : 0,
    split: SPLITS[(byte >> SPLIT) & 3]!,
    isWrong: (byte & WRONG) !== 0,
    isSuspected: (byte & SUSPECTED) !== 0,
    corrected: byte & CORRECTED ? LABELS[(byte >> CORRECTION) & 3]! : null,
  };
}

/** What a patch counts as: its label, or what a person said instead. */
export function labelAfter({ label, corrected }: Pick<PatchMarks, "label" | "corrected">): CorrectionLabel {
  return corrected ?? (label === 1 ? "positive" : "negative");
}

export function encodeOrder({ total, records, probabilities, cases, marks }: PatchOrder): Uint8Array<ArrayBuffer> {
  const count = records.length;
  const bytes = new Uint8Array(HEAD_BYTES + 13 * count);
  new Uint32Array(bytes.buffer, 0, 2).set([count, total]);
  new Uint32Array(bytes.buffer, HEAD_BYTES, count).set(records);
  new Float32Array(bytes.buffer, HEAD_BYTES + 4 * count, count).set(probabilities);
  new Uint32Array(bytes.buffer, HEAD_BYTES + 8 * count, count).set(cases);
  bytes.set(marks, HEAD_BYTES + 12 * count);
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
    marks: new Uint8Array(bytes, HEAD_BYTES + 12 * count, count),
  };
}
