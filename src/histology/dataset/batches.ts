/**
 * Determines the order of the training patches in an epoch and divides them into batches. The result depends only on
 * the seed and the epoch, so nothing has to be saved.
 */
import { RandomStream } from "../../system/random.ts";
import { batchSizes } from "../../util/batch_sizes.ts";

/** The patch indices of one epoch (counted from 0) in random order, divided into batches. */
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
