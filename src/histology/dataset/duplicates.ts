/** Finds the same picture under several names in one case. Keeping both would count one piece of tissue twice. */
import type { Candidate } from "./parse_path.ts";
import type { RejectionKind } from "./rejection.ts";

/** The digest of the picture of candidate `index`. */
export interface CopyClue {
  index: number;
  digest: string;
}

/** A candidate to leave out. */
export interface Copy {
  index: number;
  kind: RejectionKind;
  reason: string;
}

/**
 * Among equal pictures of a case, those whose names state a position on the slide are kept. If there are none, the
 * first candidate is kept. If equal pictures have different classes, no label can be trusted, and all of them are left
 * out.
 * @returns the candidates to leave out, in order.
 */
export function findCopies(candidates: readonly Candidate[], clues: readonly CopyClue[]): Copy[] {
  const groups = Map.groupBy(
    [...clues].sort((a, b) => a.index - b.index),
    ({ index, digest }) => `${digest} ${candidates[index]!.caseId}`,
  );
  const copies: Copy[] = [];
  for (const group of groups.values()) {
    const members = group.map(({ index }) => ({ index, candidate: candidates[index]! }));
    const first = members.find(({ candidate }) => candidate.x !== undefined) ?? members[0]!;
    if (members.every(({ candidate }) => candidate.x !== undefined)) continue;
    const contradict = members.some(({ candidate }) => candidate.label !== first.candidate.label);
    for (const { index, candidate } of members) {
      if (contradict) {
        const other = members.find((member) => member.candidate.label !== candidate.label)!.candidate;
        const reason = `the same picture has both classes: class ${other.label} as ${other.path}`;
        copies.push({ index, kind: "contradiction", reason });
      } else if (candidate.x === undefined && index !== first.index) {
        copies.push({ index, kind: "secondCopy", reason: `the same picture as ${first.candidate.path}` });
      }
    }
  }
  return copies.sort((a, b) => a.index - b.index);
}
