/** The order of training patches and how they fall into batches: pure functions of the seed, with nothing to save. */
import { RandomStream } from "../../util/random.ts";

/**
 * The sizes of an epoch's batches: as few as `batchSize` allows, as equal as possible, so that every patch is seen once
 * and none falls into a short last batch with unreliable statistics. Sizes differ by one at most, larger ones first.
 */
export function batchSizes(patchCount: number, batchSize: number): number[] {
  const batches = Math.ceil(patchCount / batchSize);
  const smaller = Math.floor(patchCount / batches);
  const larger = patchCount - smaller * batches;
  return Array.from({ length: batches }, (_, index) => (index < larger ? smaller + 1 : smaller));
}

/** The patches of an epoch in their random order, cut into batches. Epochs count from 0. */
export function epochBatches(
  indices: Uint32Array,
  batchSize: number,
  { seed, epoch }: { seed: number; epoch: number },
): Uint32Array[] {
  const order = new RandomStream(seed, "order", epoch).shuffle(indices.slice());
  let start = 0;
  return batchSizes(order.length, batchSize).map((size) => {
    start += size;
    return order.subarray(start - size, start);
  });
}
