/** The statistics of a dataset's cases, for comparing them with a training's cases (metrics/likeness.ts). */
import type { Dataset } from "../histology/dataset/dataset.ts";
import { sampleCases } from "../histology/dataset/sample_cases.ts";
import { patchStatistics } from "../histology/image/patch_statistics.ts";
import { type CaseMoments, momentsOf } from "../metrics/case_distribution.ts";

/** So many patches of a case are enough for its mean, and bound the work. */
export const PATCHES_PER_CASE = 64;

/** The features of patches, row-major [patches, axes]. */
export interface Features {
  readonly axes: number;
  readonly data: ArrayLike<number>;
}

/** The sampled positions in `rows` by case, in the order of the cases' names. Patches without a case are left out. */
export const casesOf = (dataset: Dataset, rows: Uint32Array, most = PATCHES_PER_CASE): Map<string, number[]> =>
  sampleCases(dataset.rows, rows, most);

/**
 * The moments of each case, in steps, so that the caller can pause between them.
 * @param sampled by case: positions in `rows`
 * @param features of the patches: those of position p are in row `rowOf(p)`
 */
export function* caseMoments(
  { dataset, rows, sampled }: { dataset: Dataset; rows: Uint32Array; sampled: ReadonlyMap<string, readonly number[]> },
  { axes, data }: Features,
  rowOf: (position: number) => number = (position) => position,
): Generator<void, CaseMoments[]> {
  const record = new Uint8Array(dataset.recordBytes);
  const moments: CaseMoments[] = [];
  for (const positions of sampled.values()) {
    const patches: number[][] = [];
    for (const position of positions) {
      dataset.read(rows[position]!, record, 0);
      const first = rowOf(position) * axes;
      const own = Array.from({ length: axes }, (_, axis) => data[first + axis]!);
      patches.push([...patchStatistics(record, dataset.side), ...own]);
      yield;
    }
    moments.push(momentsOf(patches));
  }
  return moments;
}
