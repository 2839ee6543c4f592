/** Which training patches an epoch shows, their order and how they fall into batches: pure functions of the seed, with nothing to save. */
import { RandomStream } from "../../system/random.ts";
import { batchSizes } from "../../util/batch_sizes.ts";
import type { PatchRow } from "./patch_row.ts";
import type { Sampling } from "./sampling.ts";

/** A patch that an epoch shows: which row, and how often the epoch has shown it before. */
export interface DrawnPatch {
  readonly index: number;
  readonly repeat: number;
}

/**
 * The samples of an epoch (from 0), in no particular order. Within a case each patch is shown equally often, or once more
 * than others, which are drawn again in each epoch.
 */
export function epochSamples(
  rows: readonly PatchRow[],
  indices: Uint32Array,
  { sampling, seed, epoch }: { sampling: Sampling; seed: number; epoch: number },
): DrawnPatch[] {
  if (sampling === "patches") return Array.from(indices, (index) => ({ index, repeat: 0 }));
  const cases = Map.groupBy(indices, (index) => rows[index]!.caseId);
  const total = cases.values().reduce((sum, { length }) => sum + Math.sqrt(length), 0);
  const samples: DrawnPatch[] = [];
  let share = 0;
  for (const [caseId, own] of cases) {
    // Rounded so that all cases together are exactly as many as the patches.
    share += Math.sqrt(own.length) / total;
    const count = Math.round(share * indices.length) - samples.length;
    const order = new RandomStream(seed, "sample", epoch, caseId).shuffle(own);
    for (let drawn = 0; drawn < count; drawn++) {
      samples.push({ index: order[drawn % own.length]!, repeat: Math.floor(drawn / own.length) });
    }
  }
  return samples;
}

/** The samples of an epoch (from 0) in their random order, cut into batches. */
export function epochBatches<T>(
  samples: readonly T[],
  batchSize: number,
  { seed, epoch }: { seed: number; epoch: number },
): T[][] {
  const order = new RandomStream(seed, "order", epoch).shuffle([...samples]);
  let start = 0;
  return batchSizes(order.length, batchSize).map((size) => {
    start += size;
    return order.slice(start - size, start);
  });
}
