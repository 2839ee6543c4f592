/** The facts of one patch: its row, its surroundings on the slide, and every model's answer. */
import type { CorrectedPatch } from "../../../artifacts/corrections/replay.ts";
import { UserError } from "../../../util/errors.ts";
import type { PatchFacts, PatchNeighbour } from "../../api/datasets.ts";
import type { OpenDataset } from "./open_datasets.ts";
import type { RecordAnswers } from "./order.ts";
import type { LocatedSource } from "./sources.ts";

/** Neighbours up to this many patches to each side. */
const REACH = 3;

/** @throws UserError if the dataset has no such record. */
export function recordIn({ dataset: { rows } }: OpenDataset, text: string): number {
  if (/^\d{1,9}$/.test(text) && Number(text) < rows.length) return Number(text);
  throw new UserError("item-unknown", "The dataset has no such patch: load the page again.");
}

export function patchFacts(
  open: OpenDataset,
  record: number,
  answers: readonly (readonly [LocatedSource, RecordAnswers | UserError])[],
  correction: CorrectedPatch | undefined,
): PatchFacts {
  const { id, caseId, x, y, label, split, width, height, source } = open.dataset.rows[record]!;
  return {
    record,
    name: id,
    case: caseId,
    x: x ?? null,
    y: y ?? null,
    width,
    height,
    split,
    label,
    correction: correction ? { label: correction.label, note: correction.note } : null,
    source,
    neighbours: neighboursOf(open, record),
    answers: answers.map(([{ id: source }, found]) => {
      if (found instanceof UserError) return { source, probability: null, predicted: null, problem: found.message };
      const probability = found.probabilities[record]!;
      if (Number.isNaN(probability)) return { source, probability: null, predicted: null };
      return { source, probability, predicted: (found.isWrong[record] === 1) === (label === 1) ? 0 : 1 };
    }),
  };
}

/** The patches of the same case around a patch. */
export function neighboursOf({ dataset: { rows }, caseOf, recordsOf }: OpenDataset, record: number): PatchNeighbour[] {
  const { x, y, width, height } = rows[record]!;
  if (x === undefined || y === undefined) return [];
  return recordsOf[caseOf[record]!]!.flatMap((other) => {
    const row = rows[other]!;
    if (other === record || row.caseId === "" || row.x === undefined || row.y === undefined) return [];
    const [right, down] = [row.x - x, row.y - y];
    if (Math.abs(right) > REACH * width || Math.abs(down) > REACH * height) return [];
    return [{ record: other, right, down, width: row.width, height: row.height }];
  });
}
