/** Chooses some patches of each case, independently of the order of the rows. */
import type { PatchRow } from "./patch_row.ts";

/**
 * At most `most` rows of each named case, evenly spaced in the order of their ids.
 * @returns by case, in the order of their names: positions in `indices`
 */
export function sampleCases(
  rows: readonly Pick<PatchRow, "id" | "caseId">[],
  indices: Uint32Array,
  most: number,
): Map<string, number[]> {
  const cases = Map.groupBy(indices.keys(), (position) => rows[indices[position]!]!.caseId);
  cases.delete("");
  const idOf = (position: number) => rows[indices[position]!]!.id;
  const sampled = Array.from(cases, ([name, positions]): [string, number[]] => {
    const sorted = positions.toSorted((one, other) => compare(idOf(one), idOf(other)));
    const count = Math.min(most, sorted.length);
    const step = sorted.length / count;
    return [name, Array.from({ length: count }, (_, place) => sorted[Math.floor((place + 0.5) * step)]!)];
  });
  return new Map(sampled.sort(([one], [other]) => compare(one, other)));
}

/** By UTF-16 code units, so that the order does not depend on the machine's language. */
const compare = (one: string, other: string): number => (one < other ? -1 : one > other ? 1 : 0);
