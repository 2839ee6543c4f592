/** In which order an epoch shows the training patches, and how they fall into batches: a pure function of the seed, with nothing to save. */
import { RandomStream } from "../../system/random.ts";
import { batchSizes } from "../../util/batch_sizes.ts";

/** The patches of an epoch (from 0), by index, in their random order, cut into batches. */
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
